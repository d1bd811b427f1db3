import type { JsonValue } from '../domain/json.js';
import type { TaskResult } from '../domain/tasks/task.js';
import type { TaskState } from '../domain/tasks/task-state.js';
import type { WorkflowSpec } from '../domain/workflows/spec.js';
import type {
  NewWorkflowEvent,
  Workflow,
  WorkflowEnd,
  WorkflowEvent,
  WorkflowNode,
  WorkflowState,
} from '../domain/workflows/workflow.js';

export interface WorkflowKey {
  readonly org: string;
  readonly workflowId: string;
}

export interface NewWorkflow extends WorkflowKey {
  readonly spec: WorkflowSpec;
  readonly submitterSubjectId: string;
  readonly actor: string;
  readonly createTime: number;
  readonly deadline: number | null;
  /** Of its plan; all WAITING. */
  readonly nodeCount: number;
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
}

export type StartOutcome =
  | { readonly kind: 'STARTED'; readonly workflow: Workflow }
  | { readonly kind: 'ALREADY_STARTED'; readonly workflow: Workflow }
  | { readonly kind: 'REQUEST_ID_REUSED'; readonly workflowId: string };

/** A workflow with all that is decided by. Counts of nodes include what is not absorbed yet. */
export interface WorkflowSnapshot {
  readonly workflow: Workflow;
  /** In the order of the plan. */
  readonly nodes: readonly WorkflowNode[];
}

/** What a node becomes; what is left out stays. Counts of ended tasks are the record's own. */
export interface NodeChange extends Partial<Omit<WorkflowNode, 'node' | 'succeeded' | 'failed'>> {
  readonly node: number;
}

/** One value of a context, at a path. `undefined` value: it is gone. Of several to one path in a commit the last counts. */
export interface ContextWrite {
  /** Dotted: `outputs.digest`. */
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** The version of it that was read, 0 for none, or one that is gone; `null`: whichever. */
  readonly expected: number | null;
}

/** Of several writes to one path the last counts. */
export function newestWrites(writes: readonly ContextWrite[]): readonly ContextWrite[] {
  return [...new Map(writes.map((write) => [write.path, write])).values()];
}

/** A value as it was written. */
export interface ContextRow {
  readonly path: string;
  /** The context's version that it came with. */
  readonly version: number;
  readonly value: JsonValue | undefined;
}

/** What was decided of a workflow that was read at `version`; all of it, or nothing. */
export interface WorkflowCommit extends WorkflowKey {
  readonly version: number;
  /** Left out: as it was. */
  readonly state?: WorkflowState;
  readonly end?: WorkflowEnd | null;
  readonly reason?: string;
  readonly run?: number;
  readonly finishTime?: number | null;
  readonly deadline?: number | null;
  /** When it is to be looked at even if nothing happens; `null`: not. Left out: as it was. */
  readonly wakeTime?: number | null;
  /**
   * Ended tasks of all its nodes as they were read: if there are others by now, it is due at once, whatever `wakeTime`
   * says, since nobody has decided by them. Left out: it is not looked.
   */
  readonly seen?: Seen;
  readonly nodes: readonly NodeChange[];
  readonly context: readonly ContextWrite[];
  readonly events: readonly NewWorkflowEvent[];
}

/** Whether it says more than that it was looked at: only that raises the version. */
export function isChange(commit: WorkflowCommit): boolean {
  const { state, end, reason, run, finishTime, deadline, nodes, context, events } = commit;
  const own = [state, end, reason, run, finishTime, deadline];
  return own.some((value) => value !== undefined) || nodes.length + context.length + events.length > 0;
}

/** Tasks of a workflow that have ended. */
export interface Seen {
  readonly succeeded: number;
  readonly failed: number;
}

export function seenIn(nodes: readonly Pick<WorkflowNode, 'succeeded' | 'failed'>[]): Seen {
  let succeeded = 0;
  let failed = 0;
  for (const node of nodes) {
    succeeded += node.succeeded;
    failed += node.failed;
  }
  return { succeeded, failed };
}

export type CommitOutcome =
  | { readonly kind: 'OK'; readonly workflow: Workflow }
  /** Something else was decided meanwhile. */
  | { readonly kind: 'CHANGED_SINCE' }
  /** A value of the context has another version than was expected. */
  | { readonly kind: 'VERSION_MISMATCH'; readonly path: string; readonly found: number }
  | { readonly kind: 'NOT_FOUND' };

/** A task of a workflow, and how often it was retried before it was as it is. */
export interface TaskRun {
  readonly taskId: string;
  readonly series: number;
}

/** One task of a node, as far as its workflow looks at it. */
export interface ItemOutcome extends TaskRun {
  /** From 1. */
  readonly item: number;
  readonly state: TaskState;
  readonly reason: string;
  readonly createTime: number;
  readonly finishTime: number | null;
  readonly result: TaskResult | null;
}

export interface OpenTasksQuery extends WorkflowKey {
  /** The workflow's. */
  readonly run: number;
  /** `null`: of all. */
  readonly node: number | null;
  readonly limit: number;
}

/** Which tasks of a node are read at once. */
export interface ItemPage {
  readonly afterItem: number;
  readonly limit: number;
  /** Whether outputs and details of errors are read too; else they are `null`. */
  readonly withPayloads: boolean;
  /** What is read of results takes no more, unless one task's alone does. */
  readonly maxBytes: number;
}

export interface WorkflowQuery {
  readonly org: string;
  /** Empty: in any. */
  readonly states: readonly WorkflowState[];
  /** Empty: of any. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly limit: number;
  /** Older than this one. `null`: from the newest. */
  readonly beforeId: string | null;
}

/** The record of workflows. What it answers is committed. Tasks of workflows are in the record of tasks. */
export interface WorkflowRecord {
  /** INITIALIZING, due at once, at version 1 with STARTED as its first event; its context has no rows yet. */
  start(workflow: NewWorkflow): Promise<StartOutcome>;
  get(key: WorkflowKey): Promise<Workflow | null>;
  /** What it was started with; it never changes. */
  getSpec(key: WorkflowKey): Promise<WorkflowSpec | null>;
  list(query: WorkflowQuery): Promise<readonly Workflow[]>;
  /** What is to be decided by. */
  open(key: WorkflowKey): Promise<WorkflowSnapshot | null>;
  /**
   * Writes what was decided, and absorbs counts: it is not due any more for what has ended until then, whatever is
   * written. A node whose `run` rises counts from 0. One that is over needs its `finishTime`, and is not woken.
   */
  commit(commit: WorkflowCommit): Promise<CommitOutcome>;
  /**
   * The newest row of each path at a version of the context (`null`: now), those that are gone included; by path. Of
   * versions that were pruned there is less than there was.
   */
  readContext(key: WorkflowKey, version: number | null): Promise<readonly ContextRow[]>;
  /**
   * Forgets values that show at no version of the context from `oldest` on, at most `limit`. What a task's items were
   * made from stays while they may be made again: until it has SUCCEEDED, or is begun anew.
   *
   * @returns how many
   */
  pruneContext(key: WorkflowKey, oldest: number, limit: number): Promise<number>;
  /** Tasks of a node's run in the order of their items, as many as fit into a page: none only where there are no more. */
  listItems(key: WorkflowKey, node: number, page: ItemPage): Promise<readonly ItemOutcome[]>;
  /** Tasks of it that are open; none where it was retried since the run that is asked for. */
  listOpenTasks(query: OpenTasksQuery): Promise<readonly TaskRun[]>;
  /** Oldest first, from `afterSeq` (exclusive), at most `limit`. */
  listEvents(key: WorkflowKey, afterSeq: number, limit: number): Promise<readonly WorkflowEvent[]>;
  /** Open ones of whose tasks some have ended since they were looked at, or whose time has come; at most `limit`. */
  listDue(limit: number): Promise<readonly WorkflowKey[]>;
  /** Open tasks of workflows that are over, or gone, at most `limit`: what was made while its workflow ended. */
  listStrays(limit: number): Promise<readonly (TaskRun & { readonly org: string })[]>;
  /**
   * Deletes what ended longer than `endedForMs` ago, with trail and context; at most `limit`, fewer where they
   * are large.
   *
   * @returns how many
   */
  forget(endedForMs: number, limit: number): Promise<number>;
}
