import type { AttemptOutcome } from '../../domain/tasks/task.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type {
  NodeState,
  Workflow,
  WorkflowEnd,
  WorkflowEvent,
  WorkflowNode,
  WorkflowState,
} from '../../domain/workflows/workflow.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';
import { decodeResult, type ResultColumns } from '../tasks/result-columns.js';

export interface WorkflowColumns {
  readonly org: string;
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly submitter_subject_id: string;
  readonly state: WorkflowState;
  readonly end_state: WorkflowEnd | null;
  readonly reason: string;
  readonly version: number;
  readonly seq: number;
  readonly run: number;
  readonly context_version: number;
  readonly create_time: number;
  readonly finish_time: number | null;
  readonly deadline: number | null;
}

export interface NodeColumns {
  readonly node: number;
  readonly state: NodeState;
  readonly reason: string;
  readonly run: number;
  readonly total: number;
  readonly submitted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly start_time: number | null;
  readonly finish_time: number | null;
}

/** Tasks of a node's run that have ended since it was looked at, less those that are open again. */
export interface SettledColumns {
  readonly node: number;
  readonly run: number;
  readonly succeeded: boolean;
  readonly count: number;
}

export interface EventColumns extends Pick<WorkflowEvent, 'seq' | 'type' | 'state' | 'node' | 'actor'> {
  readonly node_state: NodeState | null;
  readonly event_time: number;
  readonly reason: string;
  readonly detail: WorkflowEvent['detail'];
}

export interface ItemColumns extends Omit<ResultColumns, 'outcome'> {
  readonly item: number;
  readonly id: string;
  readonly series: number;
  readonly state: TaskState;
  readonly reason: string;
  readonly create_time: number;
  readonly finish_time: number | null;
  /** `null`: there is no result. */
  readonly outcome: AttemptOutcome | null;
}

export function decodeWorkflow(row: WorkflowColumns): Workflow {
  return {
    org: row.org,
    workflowId: row.id,
    name: row.name,
    labels: row.labels,
    submitterSubjectId: row.submitter_subject_id,
    state: row.state,
    end: row.end_state,
    reason: row.reason,
    version: row.version,
    seq: row.seq,
    run: row.run,
    contextVersion: row.context_version,
    createTime: row.create_time,
    finishTime: row.finish_time,
    deadline: row.deadline,
  };
}

/** With those of its tasks that are not absorbed yet. */
export function decodeNodes(
  nodes: readonly NodeColumns[],
  settled: readonly SettledColumns[],
): readonly WorkflowNode[] {
  const counts = new Map(
    settled.map(({ node, run, succeeded, count }) => [`${node} ${run} ${succeeded}`, count]),
  );
  const more = ({ node, run }: NodeColumns, succeeded: boolean) =>
    counts.get(`${node} ${run} ${succeeded}`) ?? 0;
  return nodes.map((row) => ({
    node: row.node,
    state: row.state,
    reason: row.reason,
    run: row.run,
    total: row.total,
    submitted: row.submitted,
    succeeded: row.succeeded + more(row, true),
    failed: row.failed + more(row, false),
    startTime: row.start_time,
    finishTime: row.finish_time,
  }));
}

export function decodeEvent(row: EventColumns): WorkflowEvent {
  const { seq, type, state, node, actor, reason, detail } = row;
  return {
    ...{ seq, type, state, node, actor, reason, detail },
    nodeState: row.node_state,
    eventTime: row.event_time,
  };
}

export function decodeItem(row: ItemColumns): ItemOutcome {
  return {
    item: row.item,
    taskId: row.id,
    series: row.series,
    state: row.state,
    reason: row.reason,
    createTime: row.create_time,
    finishTime: row.finish_time,
    result: row.outcome === null ? null : decodeResult({ ...row, outcome: row.outcome }),
  };
}
