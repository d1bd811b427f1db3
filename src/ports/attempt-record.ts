import type { Claim } from '../domain/tasks/lease.js';
import type { Refusal } from './refusal.js';
import type { TaskChange } from './task-changes.js';

/** What the record does with attempts that run, beside what every attempt goes through. */
export interface AttemptRecord {
  /**
   * RUNNING → PREEMPTING with the lease cut to `graceMs`: its agent is to stop. The attempt ends as CANCELLED, or FAILED
   * for that, or when the lease runs out; then it is QUEUED again at its old place, the attempt given back. Already
   * PREEMPTING by this claim: ok, unchanged.
   */
  preemptTasks(requests: readonly PreemptRequest[]): Promise<readonly PreemptOutcome[]>;
}

export interface PreemptRequest extends Claim {
  readonly graceMs: number;
  /** The task that waits for its slot, for the trail. */
  readonly forTaskId: string;
}
export type PreemptOutcome =
  | {
      readonly kind: 'OK';
      readonly change: TaskChange;
      readonly agentId: string;
      /** False if it was PREEMPTING before. */
      readonly changed: boolean;
    }
  /** It was sent back as often as a task may be. */
  | { readonly kind: 'TOO_OFTEN' }
  | Refusal;
