import { NO_REQUIREMENTS, type Requirements } from '../../src/domain/tasks/requirements.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';

/** Requirements that ask for nothing but capabilities. */
export function plainRequirements(
  capabilities: readonly string[],
  over: Partial<Requirements> = {},
): Requirements {
  return { ...NO_REQUIREMENTS, capabilities, ...over };
}

/** What a submitter asks for who says nothing but the kind. */
export function plainSpec(kind: string, over: Partial<TaskSpec> = {}): TaskSpec {
  return {
    kind,
    tier: 'NORMAL',
    source: 'AUTOMATED',
    labels: {},
    goal: '',
    intent: '',
    jobSpaceId: '',
    submitterSubjectId: 'anonymous',
    parentTaskId: null,
    requirements: plainRequirements([kind]),
    retry: DEFAULT_RETRY,
    attemptTimeoutMs: null,
    runAt: null,
    deadline: null,
    dependencies: [],
    body: new Uint8Array(),
    ...over,
  };
}
