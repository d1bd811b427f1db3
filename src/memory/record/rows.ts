import type { Approval } from '../../domain/tasks/admission.js';
import type { Band } from '../../domain/tasks/source.js';
import type { TaskEvent, TaskResult, TaskSpec } from '../../domain/tasks/task.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type { WorkflowPlace } from '../../domain/workflows/workflow.js';

/** A task as it is now. Times in ms since the epoch. */
export interface TaskRow {
  readonly org: string;
  readonly taskId: string;
  spec: TaskSpec;
  band: Band;
  score: number;
  /** What its tier is worth, in ms. */
  headStartMs: number;
  /** What its score may sink to for tasks that wait for it. */
  inheritedScore: number | null;
  readonly createTime: number;
  state: TaskState;
  /** The number of the newest event. */
  seq: number;
  epoch: number;
  series: number;
  attempt: number;
  deliveries: number;
  /** How often it was sent back in this series. */
  preemptions: number;
  /** Who holds it, or held it last. */
  agentId: string | null;
  reason: string;
  /** Open edges to tasks it depends on. */
  pending: number;
  runnableTime: number | null;
  /** While SCHEDULED. */
  runTime: number | null;
  startTime: number | null;
  /** Once it has ended. */
  finishTime: number | null;
  /** While leased. */
  leaseExpiresAt: number | null;
  attemptDeadline: number | null;
  readonly workflow: WorkflowPlace | null;
  /** The audit trail, oldest first. */
  readonly events: TaskEvent[];
}

/** A dependency of one task on another: open until that has ended, open again if a broken one's is retried. */
export interface EdgeRow {
  readonly org: string;
  readonly taskId: string;
  readonly upstreamId: string;
  readonly runAnyway: boolean;
  state: 'open' | 'satisfied' | 'broken';
}

/** What an attempt left: at most one a claim. */
export interface ResultRow {
  readonly org: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly series: number;
  /** The agent's name for it, the same in every repeat. */
  readonly resultId: string;
  readonly agentId: string;
  readonly createTime: number;
  readonly result: TaskResult;
}

/** A submission's name. */
export interface RequestName {
  readonly org: string;
  readonly requestId: string;
  readonly bodyHash: Uint8Array;
  readonly taskId: string;
}

/** What a person was asked of a task; what is asked for stands with the task. */
export interface ApprovalRow
  extends Readonly<Pick<Approval, 'taskId' | 'reason' | 'policyId' | 'policyVersion' | 'defaultVerdict'>> {
  readonly org: string;
  createTime: number;
  dueTime: number;
  verdict: Approval['verdict'];
  approver: string;
  verdictReason: string;
  verdictTime: number | null;
  /** No verdict yet, and the task waits for one. */
  open: boolean;
}
