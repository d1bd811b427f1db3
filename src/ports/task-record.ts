import type { Slice } from '../domain/operations/progress.js';
import type { Claim, Lease } from '../domain/tasks/lease.js';
import type { AfterFailure } from '../domain/tasks/retry.js';
import type { Task, TaskEvent, TaskResult, TaskSpec } from '../domain/tasks/task.js';
import type { TaskFilter } from '../domain/tasks/task-filter.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { ReadyTask } from './ready-index.js';
import type { TaskChange } from './task-changes.js';

/**
 * The record: what is true of tasks. Every verb takes a batch and answers with one outcome
 * an item, in the order of the items; an outcome that says `ok` is committed. Items of
 * concurrent calls may share a transaction; one item that fails does not fail its
 * neighbours. A call that rejects (the store is away, the commit is unknown) says nothing
 * about its items: they may or may not have happened.
 *
 * Every change writes its audit event in its own transaction, with the task's next `seq`.
 */
export interface TaskRecord {
  /**
   * Each QUEUED; or SCHEDULED until its `runTime`; or claimed at once for the agent of its `claim`:
   * then both events are written.
   */
  submitTasks(tasks: readonly NewTask[]): Promise<readonly SubmitOutcome[]>;
  /** QUEUED → ASSIGNED, epoch + 1, attempt + 1, deliveries + 1, lease for `acceptWithinMs`. */
  claimTasks(requests: readonly ClaimRequest[]): Promise<readonly ClaimOutcome[]>;
  /** ASSIGNED → RUNNING, lease for `leaseMs`, attempt deadline from now. RUNNING already: ok, unchanged. */
  acceptTasks(requests: readonly AcceptRequest[]): Promise<readonly LeaseOutcome[]>;
  /** Prolongs leases of ASSIGNED and RUNNING tasks to `leaseMs` from now. CANCELLING: not prolonged, outcome CANCEL. No audit event. */
  renewLeases(requests: readonly RenewRequest[]): Promise<readonly RenewOutcome[]>;
  /** ASSIGNED → QUEUED or DEAD_LETTER, the attempt given back, the score kept. */
  returnTasks(requests: readonly ReturnRequest[]): Promise<readonly TransitionOutcome[]>;
  /** Records how an attempt ended. A result that comes before its accept writes both events. */
  settleTasks(requests: readonly SettleRequest[]): Promise<readonly SettleOutcome[]>;
  /**
   * Ends leases that have run out on the record's own clock: ASSIGNED returns, RUNNING and
   * PREEMPTING fail their attempt, CANCELLING becomes CANCELLED. A lease that still holds
   * answers NOT_DUE with what remains of it.
   */
  expireLeases(requests: readonly ExpireRequest[]): Promise<readonly ExpireOutcome[]>;
  /** Waiting → CANCELLED; leased → CANCELLING with the lease cut to `graceMs`. Already either: ok, unchanged. */
  cancelTasks(requests: readonly CancelRequest[]): Promise<readonly CancelOutcome[]>;
  /** FAILED, DEAD_LETTER, TIMED_OUT, CANCELLED → QUEUED, series + 1, attempt and deliveries 0, score kept. */
  retryTasks(requests: readonly RetryRequest[]): Promise<readonly TransitionOutcome[]>;
  /** SCHEDULED and due on the record's clock → QUEUED. Not due yet: NOT_DUE. */
  promoteTasks(requests: readonly PromoteRequest[]): Promise<readonly ExpireOutcome[]>;

  /** In the order of `ids`; `null` where the org has none. What the view leaves out is empty or `null`. */
  getTasks(org: string, ids: readonly string[], view: TaskView): Promise<readonly (Task | null)[]>;
  /** Where tasks are in their lives, for little; in the order of `ids`. */
  getTaskStates(org: string, ids: readonly string[]): Promise<readonly (TaskState | null)[]>;
  listTasks(query: TaskQuery): Promise<TaskPage>;
  /** One slice of an org's tasks, newest first: those of it that the filter chooses. Looks at `limit` tasks, at most 1,000. */
  scanTasks(query: ScanQuery): Promise<Slice>;
  /** Oldest first, from `afterSeq` (exclusive), at most `limit`. */
  listTaskEvents(org: string, taskId: string, afterSeq: number, limit: number): Promise<readonly TaskEvent[]>;
  /** Leases as they stand, for an agent that came back; `null` where the claim is not current. */
  getLeases(claims: readonly Claim[]): Promise<readonly (LeaseState | null)[]>;
  /** The claims of a call by its name that are still held, with what their agent needs; at most 1,000. */
  getLeasesOfRequest(org: string, agentId: string, requestId: string): Promise<readonly HeldTask[]>;
  /** Forgets names of calls older than `olderThanMs`; at most 10,000. */
  forgetLeaseRequests(olderThanMs: number): Promise<void>;
  /** Open tasks in a circle over all orgs by (org, id), after `cursor`, at most `limit` of them. */
  listOpenTasks(cursor: OpenTaskCursor | null, limit: number): Promise<OpenTaskPage>;
}

/** How much of a task is read: BASIC without `spec.body` and `result.output`, RESULT without `spec.body`, FULL all. */
export type TaskView = 'BASIC' | 'RESULT' | 'FULL';

export interface NewTask {
  readonly org: string;
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly createTime: number;
  /** `null`: runnable now. */
  readonly runTime: number | null;
  readonly score: number;
  /** Names the submission. `null`: a repeat is another task. */
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
  /** Who submits, for the audit event. */
  readonly actor: string;
  /** Born assigned: for whom. `null`: it waits for an agent. */
  readonly claim: Pick<ClaimRequest, 'agentId' | 'acceptWithinMs' | 'requestId'> | null;
}

export type SubmitOutcome =
  /** `lease`: that of its `claim`. */
  | { readonly kind: 'SUBMITTED'; readonly change: TaskChange; readonly lease: Lease | null }
  /** The request id was seen before with the same body: that task, as it is now. */
  | { readonly kind: 'ALREADY_SUBMITTED'; readonly change: TaskChange }
  /** The request id was seen before with another body. */
  | { readonly kind: 'REQUEST_ID_REUSED'; readonly taskId: string }
  | { readonly kind: 'PARENT_NOT_FOUND' }
  /** The store refused the row, for example for a character it cannot hold. */
  | { readonly kind: 'INVALID'; readonly message: string };

/** Why a change did not happen. */
export type Refusal =
  | { readonly kind: 'NOT_FOUND' }
  /** The epoch has passed, or the task is in a state that does not allow it. */
  | { readonly kind: 'REFUSED'; readonly state: TaskState; readonly epoch: number };

export interface ClaimRequest {
  readonly org: string;
  readonly taskId: string;
  readonly agentId: string;
  readonly acceptWithinMs: number;
  /** Names the call that asked for it. `null`: none did, or it has no name. */
  readonly requestId: string | null;
}

export type ClaimOutcome =
  | {
      readonly kind: 'OK';
      readonly change: TaskChange;
      readonly lease: Lease;
      readonly body: Uint8Array;
      readonly createTime: number;
    }
  | Refusal;

export interface AcceptRequest extends Claim {
  readonly agentId: string;
  readonly leaseMs: number;
}
export type LeaseOutcome = { readonly kind: 'OK'; readonly change: TaskChange } | Refusal;

export interface RenewRequest extends Claim {
  readonly agentId: string;
  readonly leaseMs: number;
}
export type RenewOutcome =
  | { readonly kind: 'OK' }
  | { readonly kind: 'CANCEL'; readonly remainingMs: number }
  | Refusal;

export interface ReturnRequest extends Claim {
  /** `null`: whichever agent holds it. */
  readonly agentId: string | null;
  readonly to: Extract<TaskState, 'QUEUED' | 'DEAD_LETTER'>;
  /** DECLINED, NOT_ACCEPTED, DRAINED, NOT_SENT, or the agent's words. */
  readonly reason: string;
}

/** A change that may put the task back before an agent: `ready` is set when the new state is QUEUED or SCHEDULED. */
export interface Changed {
  readonly kind: 'OK';
  readonly change: TaskChange;
  readonly agentId: string | null;
  readonly ready: ReadyTask | null;
  /** With SCHEDULED: when it is due, ms since the epoch. */
  readonly runTime: number | null;
}
export type TransitionOutcome = Changed | Refusal;

export interface SettleRequest extends Claim {
  readonly agentId: string;
  readonly resultId: string;
  readonly result: TaskResult;
  /** Where a FAILED result leads unless the task is CANCELLING. Ignored for SUCCEEDED. */
  readonly afterFailure: AfterFailure;
}
export type SettleOutcome =
  | Changed
  /** The same result of the same claim was recorded before. */
  | { readonly kind: 'ALREADY_RECORDED' }
  /** Another result of the same claim was recorded before. */
  | { readonly kind: 'CONFLICT' }
  | Refusal;

export interface ExpireRequest extends Claim {
  /** What ran out: the lease, or the time an attempt may take. */
  readonly cause: 'LEASE_EXPIRED' | 'ATTEMPT_TIMED_OUT';
  /** Where RUNNING and PREEMPTING lead. */
  readonly afterFailure: AfterFailure;
  /** Where ASSIGNED leads. */
  readonly afterReturn: Extract<TaskState, 'QUEUED' | 'DEAD_LETTER'>;
}
export type ExpireOutcome = TransitionOutcome | { readonly kind: 'NOT_DUE'; readonly remainingMs: number };

export interface CancelRequest {
  readonly org: string;
  readonly taskId: string;
  readonly graceMs: number;
  readonly reason: string;
  readonly actor: string;
}
export type CancelOutcome =
  | {
      readonly kind: 'OK';
      readonly change: TaskChange;
      readonly epoch: number;
      readonly agentId: string | null;
      /** False if it was CANCELLING or CANCELLED before. */
      readonly changed: boolean;
    }
  | Refusal;

export interface RetryRequest {
  readonly org: string;
  readonly taskId: string;
  readonly reason: string;
  readonly actor: string;
}

export interface PromoteRequest {
  readonly org: string;
  readonly taskId: string;
}

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
  /** While leased: what remains of the lease, or of the attempt if that ends first. */
  readonly leaseRemainingMs: number | null;
}

export interface OpenTaskPage {
  readonly tasks: readonly OpenTask[];
  /** Where to go on; `null` when the circle is closed. */
  readonly cursor: OpenTaskCursor | null;
}
