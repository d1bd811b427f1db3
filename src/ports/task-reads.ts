import type { Lease } from '../domain/tasks/lease.js';
import type { Task } from '../domain/tasks/task.js';
import type { TaskFilter } from '../domain/tasks/task-filter.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { ReadyTask } from './ready-index.js';

/** How much of a task is read: BASIC without `spec.body` and `result.output`, RESULT without `spec.body`, FULL all. */
export type TaskView = 'BASIC' | 'RESULT' | 'FULL';

export interface TaskQuery {
  readonly org: string;
  readonly filter: TaskFilter;
  readonly view: TaskView;
  readonly limit: number;
  /** Newest first: only ids below this one. `null`: from the newest. */
  readonly beforeId: string | null;
}

export interface ScanQuery {
  readonly org: string;
  readonly filter: TaskFilter;
  /** Only ids below this one. */
  readonly beforeId: string;
  /** How many tasks to look at, chosen or not. */
  readonly limit: number;
  /** Whether their kinds are wanted, which costs a look at each; else they may be empty. */
  readonly withKinds: boolean;
}

/** A page of a list. It may be short of `limit` without being the last. */
export interface TaskPage {
  readonly tasks: readonly Task[];
  /** Where to go on; `null` on the last page. */
  readonly beforeId: string | null;
}

export interface LeaseState {
  readonly lease: Lease;
  readonly state: TaskState;
  readonly remainingMs: number;
  /** What remains of the attempt's own time; `null` if it has no bound or has not begun. */
  readonly attemptRemainingMs: number | null;
}

/** A leased task as its agent gets it. */
export interface HeldTask {
  readonly lease: Lease;
  readonly body: Uint8Array;
  readonly createTime: number;
}

export interface OpenTaskCursor {
  readonly org: string;
  readonly taskId: string;
}

export interface OpenTask {
  readonly state: TaskState;
  readonly ready: ReadyTask;
  readonly epoch: number;
  readonly agentId: string | null;
  readonly runTime: number | null;
  /** ms since the epoch; `null`: none. */
  readonly deadline: number | null;
  /** While leased: what remains of the lease, or of the attempt if that ends first. */
  readonly leaseRemainingMs: number | null;
}

export interface OpenTaskPage {
  readonly tasks: readonly OpenTask[];
  /** Where to go on; `null` when the circle is closed. */
  readonly cursor: OpenTaskCursor | null;
}

export interface RecentStartsQuery {
  readonly org: string;
  readonly withinMs: number;
  /** Of the newest tasks that name limits at most so many are looked at. */
  readonly limit: number;
}

/** Claims of tasks that name limits. */
export interface RecentStarts {
  readonly starts: readonly {
    readonly limits: readonly string[];
    /** How long ago the last one was, on the record's clock. */
    readonly agoMs: number;
    /** How often the task was claimed by then. */
    readonly count: number;
  }[];
  /** All were looked at. */
  readonly isComplete: boolean;
}
