import type { TaskState } from './task-state.js';

/** What happens when an attempt fails; see `RetryPolicy` in task_spec.proto. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 3,
  initialBackoffMs: 1_000,
  maxBackoffMs: 300_000,
  backoffMultiplier: 2,
};

/** Where a failed attempt leads. */
export interface AfterFailure {
  readonly to: Extract<TaskState, 'SCHEDULED' | 'FAILED' | 'DEAD_LETTER'>;
  /** With SCHEDULED: how long until the next attempt, in ms. */
  readonly delayMs: number;
}

/**
 * @param attempt the attempt that failed, from 1
 * @param jitter from 0 to 1; takes off up to a fifth of the wait, so that what failed
 *   together does not come back together
 */
export function afterFailure(
  policy: RetryPolicy,
  attempt: number,
  retryable: boolean,
  jitter: number,
): AfterFailure {
  if (!retryable) return { to: 'FAILED', delayMs: 0 };
  if (attempt >= policy.maxAttempts) return { to: 'DEAD_LETTER', delayMs: 0 };
  const full = Math.min(
    policy.maxBackoffMs,
    policy.initialBackoffMs * policy.backoffMultiplier ** Math.max(0, attempt - 1),
  );
  return { to: 'SCHEDULED', delayMs: Math.round(full * (1 - 0.2 * jitter)) };
}

/** Deliveries that may come back unstarted before a task counts as undeliverable. */
export function maxDeliveries(policy: RetryPolicy): number {
  return 3 * policy.maxAttempts;
}

/** Where a delivery that never began leads: no attempt is charged, but there is an end. */
export function afterReturn(
  policy: RetryPolicy,
  deliveries: number,
): Extract<TaskState, 'QUEUED' | 'DEAD_LETTER'> {
  return deliveries >= maxDeliveries(policy) ? 'DEAD_LETTER' : 'QUEUED';
}
