import type { Checkpoint } from '../domain/tasks/checkpoint.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Payload } from '../domain/tasks/task.js';
import type { TaskKey } from './ready-index.js';
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
  /**
   * Keeps what attempts leave for the next one, in place of what was left before, while they hold their lease. The
   * caller has looked at its size. It is kept as long as its task is, whatever becomes of that. No audit event.
   */
  saveCheckpoints(requests: readonly CheckpointRequest[]): Promise<readonly CheckpointOutcome[]>;
  /** `null`: nothing was left. */
  getCheckpoint(task: TaskKey): Promise<Checkpoint | null>;
}

export interface CheckpointRequest extends Claim {
  readonly agentId: string;
  readonly payload: Payload;
}
export type CheckpointOutcome = { readonly kind: 'OK' } | Refusal;

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
