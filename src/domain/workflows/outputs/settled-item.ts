import type { JsonObject, JsonValue } from '../../json.js';
import type { TaskState } from '../../tasks/task-state.js';

/** Why an item counts as failed: the codes of reasons of nodes. */
export type FailureCode = 'TASK_FAILED' | 'RESULT_INVALID' | 'TIMED_OUT' | 'CANCELLED';

/** An item whose task has ended, as it counts for the result of its node. Times in ms since the epoch. */
export interface SettledItem {
  /** From 1. */
  readonly sequenceNum: number;
  readonly identifier: string;
  /** Its elements by name; `null`: not known. */
  readonly itemData: JsonObject | null;
  readonly taskId: string;
  /** That of its task; FAILED where its result is invalid. */
  readonly state: TaskState;
  /** `null`: it succeeded. */
  readonly failure: ItemFailure | null;
  /** Belongs to who puts results together, and may be changed. `null` if it failed. */
  readonly output: JsonValue;
  /** How long the output came, in bytes. */
  readonly bytes: number;
  readonly startTime: number;
  readonly finishTime: number | null;
}

export interface ItemFailure {
  readonly code: FailureCode;
  /** What the agent called it; else the state, or RESULT_INVALID. */
  readonly kind: string;
  readonly message: string;
}
