import type { Slice } from '../domain/operations/progress.js';
import type { NewDecision } from '../domain/policies/decision.js';
import type { Selection } from '../domain/selection/selection.js';
import type { Admission, Approval } from '../domain/tasks/admission.js';
import type { Claim, Lease } from '../domain/tasks/lease.js';
import type { AfterFailure } from '../domain/tasks/retry.js';
import type { Band } from '../domain/tasks/source.js';
import type { Task, TaskEvent, TaskResult, TaskSpec } from '../domain/tasks/task.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { WorkflowPlace } from '../domain/workflows/workflow.js';
import type { ReadyTask, TaskKey } from './ready-index.js';
import type { TaskChange } from './task-changes.js';
import type {
  ApprovalQuery,
  DecideRequest,
  RouteRequest,
  SkipRequest,
  UpdateRequest,
} from './task-decisions.js';
import type {
  HeldTask,
  LeaseState,
  OpenTaskCursor,
  OpenTaskPage,
  RecentStarts,
  RecentStartsQuery,
  ScanQuery,
  TaskPage,
  TaskQuery,
  TaskView,
} from './task-reads.js';

export type * from './task-decisions.js';
export type * from './task-reads.js';

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
   * Each QUEUED; SCHEDULED until its `runTime`; claimed at once for the agent of its `claim`: then
   * both events are written; BLOCKED while a dependency is open; or SKIPPED if one has ended otherwise
   * than it is to. What a BLOCKED task waits for becomes at least as urgent as it. By `admission`: REJECTED or waiting.
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
   * Ends leases that have run out on the record's own clock: ASSIGNED returns, RUNNING and PREEMPTING fail their
   * attempt, CANCELLING becomes CANCELLED. A lease that still holds answers NOT_DUE with what remains of it.
   */
  expireLeases(requests: readonly ExpireRequest[]): Promise<readonly ExpireOutcome[]>;
  /** Waiting → CANCELLED; leased → CANCELLING with the lease cut to `graceMs`. Already either: ok, unchanged. */
  cancelTasks(requests: readonly CancelRequest[]): Promise<readonly CancelOutcome[]>;
  /** FAILED, DEAD_LETTER, TIMED_OUT, CANCELLED → QUEUED, series + 1, attempt and deliveries 0, score kept. */
  retryTasks(requests: readonly RetryRequest[]): Promise<readonly TransitionOutcome[]>;
  /** SCHEDULED and due on the record's clock → QUEUED. Not due yet: NOT_DUE. */
  promoteTasks(requests: readonly TaskKey[]): Promise<readonly ExpireOutcome[]>;
  /** Any open task whose deadline has passed on the record's clock → TIMED_OUT. Not yet: NOT_DUE. */
  timeOutTasks(requests: readonly TaskKey[]): Promise<readonly ExpireOutcome[]>;
  /** Changes what waits, if it is as it was read. */
  updateTasks(requests: readonly UpdateRequest[]): Promise<readonly UpdateOutcome[]>;
  /**
   * AWAITING_APPROVAL → BLOCKED, SCHEDULED, QUEUED or REJECTED. An approver that is `null` gives the default
   * verdict, if its time is over on the record's clock; else NOT_DUE. Dependents are not moved: `settleEdges` does it.
   */
  decideTasks(requests: readonly DecideRequest[]): Promise<readonly ExpireOutcome[]>;
  /** Sets or ends the route of QUEUED tasks, if they are as they were read. */
  routeTasks(requests: readonly RouteRequest[]): Promise<readonly UpdateOutcome[]>;
  /** QUEUED → SKIPPED, if they are as they were read. */
  skipTasks(requests: readonly SkipRequest[]): Promise<readonly UpdateOutcome[]>;
  /** Approvals of an org: those that wait, first due first; or all, newest first. */
  listApprovals(query: ApprovalQuery): Promise<readonly Approval[]>;
  /** Tasks of all orgs whose approval is due on the record's clock, at most `limit`. */
  listDueApprovals(limit: number): Promise<readonly TaskKey[]>;
  /**
   * Brings the dependents of tasks up to how these are: what has ended settles its edges, what is
   * open again blocks who was skipped because of it. The other verbs do so for direct dependents; this is
   * for the next ones in a chain, and for what a crash cut off. One list an item.
   */
  settleEdges(upstreams: readonly TaskKey[]): Promise<readonly (readonly Moved[])[]>;
  /**
   * What those of the tasks that are BLOCKED wait for, themselves or over others, becomes at least as
   * urgent as they are; at most 1,000 a transaction besides the direct ones. May be repeated. Answers with
   * those that became more urgent, one list an item.
   */
  urgeUpstreams(blocked: readonly TaskKey[]): Promise<readonly (readonly Moved[])[]>;
  /** The tasks that BLOCKED ones wait for. */
  listOpenUpstreams(blocked: readonly TaskKey[]): Promise<readonly TaskKey[]>;

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
  /** When tasks that name limits were claimed, for the rates of these. */
  listRecentStarts(query: RecentStartsQuery): Promise<RecentStarts>;
}

export interface NewTask {
  readonly org: string;
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly createTime: number;
  /** `null`: runnable now. */
  readonly runTime: number | null;
  readonly score: number;
  /** What its tier is worth, in ms. */
  readonly headStartMs: number;
  /** Names the submission. `null`: a repeat is another task. */
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
  /** Who submits, for the audit event. */
  readonly actor: string;
  /** Born assigned: for whom. `null`: it waits for an agent. */
  readonly claim: Pick<ClaimRequest, 'agentId' | 'acceptWithinMs' | 'requestId' | 'selection'> | null;
  /** What was decided of it. Default ACCEPTED. */
  readonly admission?: Admission;
  /** What policies said, for its trail. Default nothing. */
  readonly decisions?: readonly NewDecision[];
  /** Default: it is part of none. */
  readonly workflow?: WorkflowPlace | null;
}

export type SubmitOutcome =
  /** `lease`: that of its `claim`. */
  | {
      readonly kind: 'SUBMITTED';
      readonly change: TaskChange;
      readonly lease: Lease | null;
      /** Its place in the order, which may be inherited from its parent. */
      readonly score: number;
      readonly band: Band;
      /** Tasks that became more urgent because it waits for them. */
      readonly urged: readonly Moved[];
    }
  /** The request id was seen before with the same body: that task, as it is now. */
  | { readonly kind: 'ALREADY_SUBMITTED'; readonly change: TaskChange }
  /** The request id was seen before with another body. */
  | { readonly kind: 'REQUEST_ID_REUSED'; readonly taskId: string }
  | { readonly kind: 'PARENT_NOT_FOUND' }
  | { readonly kind: 'DEPENDENCY_NOT_FOUND'; readonly taskId: string }
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
  /** How the agent was chosen, for the trail. */
  readonly selection?: Selection | null;
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

/** A task after a change: `ready` is set if it may come before an agent again. */
export interface Moved {
  readonly change: TaskChange;
  readonly agentId: string | null;
  readonly ready: ReadyTask | null;
  /** With SCHEDULED: when it is due, ms since the epoch. */
  readonly runTime: number | null;
  /** The workflow that it is part of; left out: none. Where the task is not over it may be left out all the same. */
  readonly workflowId?: string;
}
export interface Changed extends Moved {
  readonly kind: 'OK';
  readonly epoch: number;
  /** Tasks that depend on it and were moved on by it. */
  readonly dependents: readonly Moved[];
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
  /** Only this run of it: one that was retried since is left alone, and REFUSED. Default: whichever. */
  readonly series?: number;
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
      readonly dependents: readonly Moved[];
      /** As in `Moved`; where it was not changed it may be left out all the same. */
      readonly workflowId?: string;
    }
  | Refusal;

export interface RetryRequest {
  readonly org: string;
  readonly taskId: string;
  /** Its deadline is so long from now. Default: the one that it has, unless that has passed. */
  readonly timeoutMs?: number;
  readonly reason: string;
  readonly actor: string;
}

export type UpdateOutcome =
  | Changed
  /** It has changed since it was read. */
  | { readonly kind: 'CHANGED_SINCE' }
  | Refusal;
