import type { TaskState } from './task-state.js';

/** What happens when an attempt fails; see `RetryPolicy` in task_spec.proto. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly backoffMultiplier: number;
  /** The waits before the second attempt, the third and so on, in place of the backoff and as they are; the last one holds on. */
  readonly delaysMs?: readonly number[];
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
 * @param jitter from 0 to 1; takes off up to a fifth of a backoff, so that what failed
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
  const before = Math.max(0, attempt - 1);
  const { delaysMs = [], maxBackoffMs, initialBackoffMs, backoffMultiplier } = policy;
  const own = delaysMs[Math.min(before, delaysMs.length - 1)];
  if (own !== undefined) return { to: 'SCHEDULED', delayMs: own };
  const full = Math.min(maxBackoffMs, initialBackoffMs * backoffMultiplier ** before);
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
