import type { NodeState, WorkflowEnd } from './workflow.js';

/**
 * What is to be done next with a workflow. Steps that are decided together do not depend on each other: any of them may
 * be taken first, or left for the next time. A step is decided again until what it leads to is committed.
 */
export type Step =
  /** Its next phase. */
  | { readonly kind: 'ENTER'; readonly state: 'RESOLVING' | 'PROCESSING' }
  /**
   * What a group waits for has ended. Condition true: RUNNING, with its `startTime`; false: it and its tasks that are
   * WAITING are SKIPPED (CONDITION); not to be evaluated: it is FAILED (CONDITION_FAILED) and those are CANCELLED.
   */
  | { readonly kind: 'BEGIN_GROUP'; readonly node: number }
  /**
   * What a task waits for has ended. It is SKIPPED, FAILED, or EXPANDING with its `total` in the same commit;
   * `total` 0 is counted too: it is gathered next.
   */
  | { readonly kind: 'BEGIN_TASK'; readonly node: number }
  /** Items `from` + 1 to `to` are to be made; `submitted` becomes `to`, and with all of them the node RUNNING. */
  | { readonly kind: 'SUBMIT'; readonly node: number; readonly from: number; readonly to: number }
  /**
   * All that was made of a task has ended: what it came to is to be written, and the node is over. In PROCESSING it
   * becomes what its results are; items that were not made (its group took too long) count as failed. In COMPLETING it
   * does so only if all of its items succeeded; else it becomes `closedState`, and what there is is partial.
   */
  | { readonly kind: 'GATHER'; readonly node: number }
  /** A task of a node failed for good: ESCALATED, with why. Nothing more of it is made meanwhile. */
  | { readonly kind: 'ESCALATE'; readonly node: number }
  /** None of its tasks is failed any more: RUNNING, or EXPANDING where `submitted` is not `total`; no reason. */
  | { readonly kind: 'RESUME'; readonly node: number }
  /** All tasks of a group are over, and so is the group. */
  | {
      readonly kind: 'END_GROUP';
      readonly node: number;
      readonly state: Extract<NodeState, 'SUCCEEDED' | 'PARTIAL' | 'FAILED'>;
      readonly reason: string;
    }
  /**
   * A group that can be done without has taken too long. It gets the reason and stays RUNNING; its tasks that are
   * WAITING become CANCELLED; its open tasks are to be cancelled with that reason. Asked again until none is open; then
   * what there is is gathered, and the group ends.
   */
  | { readonly kind: 'TIME_OUT_GROUP'; readonly node: number; readonly reason: string }
  /**
   * How it ends is settled: COMPLETING, with `end` and `reason`. `node` is the group or task that it FAILED by, `null`
   * otherwise: if that is not over, it gets the reason and keeps its state, so that it is FAILED in the end, not CANCELLED.
   */
  | {
      readonly kind: 'COMPLETE';
      readonly end: WorkflowEnd;
      readonly reason: string;
      readonly node: number | null;
    }
  /** While COMPLETING: its open tasks are to be cancelled. Asked again until none is open. */
  | { readonly kind: 'CANCEL_TASKS' }
  /** Nothing is left to wait for: nodes that are not over become as `closed` says, and the workflow ends. */
  | { readonly kind: 'FINISH'; readonly end: WorkflowEnd };

/** Bounds of what is done at once. */
export interface StepLimits {
  /** Items of one SUBMIT. */
  readonly chunk: number;
  /** Of these, so many are submitted together; several batches side by side. */
  readonly batch: number;
  /** Tasks of one workflow that are open at a time. */
  readonly maxOpen: number;
}

export const STEP_LIMITS: StepLimits = { chunk: 2_500, batch: 250, maxOpen: 20_000 };
