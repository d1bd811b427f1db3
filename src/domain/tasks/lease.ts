import type { RetryPolicy } from './retry.js';

/** A task at an epoch: what every report of an agent names. */
export interface Claim {
  readonly org: string;
  readonly taskId: string;
  readonly epoch: number;
}

/**
 * An agent's time-bound right to a task, with what is needed to decide how it ends. All of
 * it is fixed while the epoch is, so a decision made from it under the epoch's fence is
 * exact.
 */
export interface Lease extends Claim {
  readonly agentId: string;
  /** The attempt this lease is for, from 1. */
  readonly attempt: number;
  /** How often the task was claimed in this series, this time included. */
  readonly deliveries: number;
  readonly retry: RetryPolicy;
  readonly attemptTimeoutMs: number | null;
  /** For what is learned of how long such tasks take. Default: that is not known, where it was handed out elsewhere or before a restart. */
  readonly chosen?: Chosen;
}

/** When the agent of a task was chosen. */
export interface Chosen {
  readonly kind: string;
  /** By the clock of the coordinator that holds the lease: monotonic, ms. */
  readonly at: number;
}
