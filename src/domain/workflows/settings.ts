import type { TaskNode } from './plan.js';
import type { TaskDefaults } from './spec.js';

/** What a task goes by: of each field what the first says that says something. @param said the task's own first */
export function settle(...said: readonly TaskDefaults[]): TaskNode['settings'] {
  return {
    tier: first(said, 'tier'),
    requirements: first(said, 'requirements'),
    retry: first(said, 'retry'),
    attemptTimeoutMs: first(said, 'attemptTimeoutMs'),
    timeoutMs: first(said, 'timeoutMs'),
    onFailure: first(said, 'onFailure') ?? 'FAIL_WORKFLOW',
    expansion: first(said, 'expansion'),
    policies: first(said, 'policies'),
    routing: first(said, 'routing'),
  };
}

function first<K extends keyof TaskDefaults>(
  said: readonly TaskDefaults[],
  field: K,
): TaskDefaults[K] | null {
  for (const one of said) {
    const value = one[field];
    // A spec that was stored before there was the field has nothing there.
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
