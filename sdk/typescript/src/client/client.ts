import type { TaskState, Tier } from '../names.js';
import type { ReeveError } from '../transport/errors.js';
import type { Requirements, TaskEventInfo, TaskInfo } from '../views.js';
import type { AgentsClient, ServerInfo } from './agents.js';
import type { ApprovalsClient } from './approvals.js';
import type { ConfigClient } from './config.js';
import type { RolesClient, SubjectsClient } from './directory.js';
import type { ExplanationInfo } from './explanation.js';
import type { JobKindsClient } from './job-kinds.js';
import type { OnOptions, Unsubscribe } from './on.js';
import type { OperationsClient } from './operations.js';
import type { PoliciesClient } from './policies.js';
import type { QueueClient } from './queue.js';
import type { TaskFilter } from './task-filter.js';
import type { TaskRequest } from './task-request.js';
import type { WatchOptions } from './watch.js';
import type { WorkflowUpdate, WorkflowWatchOptions } from './watch-workflow.js';
import type { WorkflowsClient } from './workflows.js';

export interface ClientOptions {
  /**
   * `host:port`, or a URL (`https:` means TLS). Default: the variable REEVE_ADDRESS, else
   * `127.0.0.1:9001`.
   */
  readonly address?: string;
  /** The organisation; only a coordinator in `dev` heeds it. Default: the server's, `default`. */
  readonly org?: string;
  /** Who calls; only a coordinator in `dev` heeds it. Default: the server's, `anonymous`. */
  readonly subject?: string;
  /**
   * How long a call may take, retries included, in ms. Default 10,000. Until a coordinator has
   * answered for the first time, calls give up after 2,000.
   */
  readonly timeoutMs?: number;
}

export interface WaitOptions {
  /** Gives up the wait, which then rejects with the signal's reason. The task goes on. */
  readonly signal?: AbortSignal;
  /** Gives up the wait with {@link WaitTimeoutError}, in ms. Default: never. */
  readonly timeoutMs?: number;
}

export interface CancelOptions {
  /** Why, for the task's trail and its agent. */
  readonly reason?: string;
  /** How long its agent has to stop before the lease is revoked, in ms. Default 5,000. */
  readonly graceMs?: number;
}

/** What is to change of a task. */
export interface TaskChanges {
  readonly tier?: Tier;
  /** All of them: those that are not named are taken away. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `null`: any agent that names the task's kind among its capabilities. */
  readonly requirements?: Requirements | null;
  /** `null`: at once. */
  readonly runAt?: Date | number | null;
  /** `null`: no bound. */
  readonly deadline?: Date | number | null;
  /** As the task was read. */
  readonly etag?: string;
}

/** What is wanted of a task. */
export interface TaskGetOptions {
  /** With what an attempt has left for the next one, if one has. Default false: that there is something. */
  readonly checkpoint?: boolean;
}

/** Which tasks to list. */
export interface TaskQuery extends TaskFilter {
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
  /** With input and output. Default false. */
  readonly full?: boolean;
}

/** Which tasks to follow, now and later. */
export interface TaskSelection {
  /** `{}` chooses all of the organisation. */
  readonly filter: TaskFilter;
  /** With input and output. Default false. */
  readonly full?: boolean;
  /** Begin with what changes from now on. Default false. */
  readonly skipSnapshot?: boolean;
}

/** Which workflow to follow. */
export interface WorkflowSelection extends Pick<WorkflowWatchOptions, 'afterSeq'> {
  readonly workflowId: string;
}

/** What a watch by a filter tells. */
export type TaskUpdate =
  /**
   * Takes the place of all that was told before. It comes first, and again after an interruption
   * that was too long to make up for. Newest first, at most 10,000; those that have ended only if
   * the filter asks for them. `truncated`: there are more.
   */
  | { readonly type: 'SNAPSHOT'; readonly tasks: readonly TaskInfo[]; readonly truncated: boolean }
  /** A task came, or changed. After an interruption it may be the same as before. */
  | { readonly type: 'CHANGED'; readonly task: TaskInfo }
  /** It is not chosen any more; perhaps it was never told of. */
  | { readonly type: 'LEFT'; readonly taskId: string; readonly task: TaskInfo | undefined };

/** A task that was accepted. */
export interface TaskHandle<O = unknown> {
  readonly taskId: string;
  /** Its state when it was accepted. */
  readonly state: TaskState;
  /** Whether its request id had been seen before. */
  readonly alreadySubmitted: boolean;
  /** The agent it got within `assignWaitMs`; empty otherwise: then `notes` say why, if it was waited for. */
  readonly agentId: string;
  /** What is worth knowing about how it was accepted, for people. */
  readonly notes: readonly string[];
  /** See {@link Client.wait}. */
  wait(options?: WaitOptions): Promise<O>;
  /** See {@link Client.watch}. */
  watch(options?: WatchOptions): AsyncIterable<TaskInfo>;
  /** See {@link Client.cancel}. */
  cancel(options?: CancelOptions): Promise<TaskInfo>;
}

/** What became of one task of `submitMany`. */
export type SubmitOutcome =
  | { readonly ok: true; readonly task: TaskHandle }
  | { readonly ok: false; readonly error: ReeveError };

/**
 * Submits tasks to a coordinator, follows and steers them. Made by `createClient`.
 * Every method throws {@link ReeveError} unless it says otherwise; calls that find the
 * coordinator unavailable are repeated until `timeoutMs` has passed.
 */
export interface Client {
  /** `host:port` of the coordinator. */
  readonly address: string;
  readonly agents: AgentsClient;
  readonly queue: QueueClient;
  readonly operations: OperationsClient;
  readonly roles: RolesClient;
  readonly subjects: SubjectsClient;
  readonly approvals: ApprovalsClient;
  readonly config: ConfigClient;
  readonly jobKinds: JobKindsClient;
  readonly policies: PoliciesClient;
  readonly workflows: WorkflowsClient;
  /**
   * Resolves once the task is in the coordinator's record, from where it is not lost.
   * Submissions of one tick go out together.
   */
  submit<O = unknown>(task: TaskRequest): Promise<TaskHandle<O>>;
  /** Submits each on its own; outcomes stand in the order of the tasks. Does not throw for an item. */
  submitMany(tasks: readonly TaskRequest[]): Promise<SubmitOutcome[]>;
  /** Submits a task and waits for its output. */
  run<O = unknown>(task: TaskRequest, options?: WaitOptions): Promise<O>;
  /**
   * Waits until a task has ended and answers with its output: JSON parsed, anything else as
   * bytes. Survives reconnects. Throws `TaskFailedError`, `TaskCancelledError`,
   * `WaitTimeoutError`.
   */
  wait<O = unknown>(taskId: string, options?: WaitOptions): Promise<O>;
  /**
   * Follows tasks: each as it is now, then every change. Ends when all of them have ended.
   * Survives reconnects and yields no change twice; changes that follow each other quickly
   * may come as one.
   */
  watch(taskIds: string | readonly string[], options?: WatchOptions): AsyncIterable<TaskInfo>;
  /**
   * Follows all tasks that a filter chooses: a snapshot, then every task that comes, changes or
   * is not chosen any more. Does not end by itself. Survives reconnects, after which it goes on
   * where it was, or begins with another snapshot.
   */
  watch(selection: TaskSelection, options?: Pick<WatchOptions, 'signal'>): AsyncIterable<TaskUpdate>;
  /**
   * Calls `handler`, which may be async, with what a watch of these tasks, or of this workflow, would yield: one after
   * the other, in order. Goes on after reconnects, and whatever the handler throws.
   */
  on(
    subject: 'task',
    taskIds: string | readonly string[],
    handler: (task: TaskInfo) => unknown,
    options?: OnOptions,
  ): Unsubscribe;
  on(
    subject: 'task',
    selection: TaskSelection,
    handler: (update: TaskUpdate) => unknown,
    options?: OnOptions,
  ): Unsubscribe;
  on(
    subject: 'workflow',
    workflow: string | WorkflowSelection,
    handler: (update: WorkflowUpdate) => unknown,
    options?: OnOptions,
  ): Unsubscribe;
  /** NOT_FOUND if the organisation has no such task. */
  get(taskId: string, options?: TaskGetOptions): Promise<TaskInfo>;
  /** Newest first. Pages are read as the iteration gets to them. */
  list(query?: TaskQuery): AsyncIterable<TaskInfo>;
  /** The audit trail of a task, oldest first. */
  events(taskId: string): AsyncIterable<TaskEventInfo>;
  /**
   * Why a task is where it is: what keeps it from starting and what would end that, its place in the order, who
   * may get it, why its agent was chosen, what policies said.
   *
   * `maxCandidates`: default 20, at most 1,000.
   */
  explain(taskId: string, options?: { readonly maxCandidates?: number }): Promise<ExplanationInfo>;
  /**
   * Changes a task that waits; what is not named stays, `null` takes it away. FAILED_PRECONDITION
   * (TASK_NOT_WAITING) if an agent has it or it has ended; ABORTED (ETAG_MISMATCH) with an `etag` that
   * is not that of the task any more.
   */
  update(taskId: string, changes: TaskChanges): Promise<TaskInfo>;
  /**
   * Idempotent. The task is CANCELLED if it was waiting, CANCELLING if an agent has it;
   * FAILED_PRECONDITION (TASK_ENDED) if it has ended otherwise.
   */
  cancel(taskId: string, options?: CancelOptions): Promise<TaskInfo>;
  /**
   * Begins the attempts of a FAILED, DEAD_LETTER, TIMED_OUT or CANCELLED task anew; any other
   * is FAILED_PRECONDITION (TASK_NOT_RETRYABLE).
   */
  retry(taskId: string, options?: { readonly reason?: string }): Promise<TaskInfo>;
  serverInfo(): Promise<ServerInfo>;
  /** Resolves as soon as the coordinator answers. `timeoutMs`: default 30,000. */
  ready(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Ends the connection. Waits and watches under way fail with CANCELLED (CLIENT_CLOSED). */
  close(): void;
}
