import type { JsonObject } from '../../../domain/json.js';
import { storable, storableText } from '../../../domain/policies/storable.js';
import {
  isOver,
  type NewWorkflowEvent,
  type Workflow,
  type WorkflowEvent,
  type WorkflowNode,
} from '../../../domain/workflows/workflow.js';
import {
  type CommitOutcome,
  isChange,
  type NodeChange,
  seenIn,
  type WorkflowCommit,
} from '../../../ports/workflow-record.js';
import { keyOf, type Tables } from '../tables.js';
import { mismatchIn, writeContext } from './context.js';
import { countedNodes } from './counts.js';
import type { WorkflowRow } from './workflow-row.js';

export function commitWorkflow(tables: Tables, commit: WorkflowCommit, now: number): CommitOutcome {
  const row = tables.workflows.get(keyOf(commit.org, commit.workflowId));
  if (!row) return { kind: 'NOT_FOUND' };
  if (row.workflow.version !== commit.version) return { kind: 'CHANGED_SINCE' };
  const mismatch = mismatchIn(row, commit.context);
  if (mismatch) return mismatch;

  const workflow = workflowAfter(row.workflow, commit);
  check(workflow);
  for (const { node } of commit.nodes) if (!row.nodes[node]) throw new Error(`there is no node ${node}`);
  writeContext(row, commit.context, workflow.contextVersion);
  for (const event of commit.events) row.events.push(eventOf(event, row, workflow, now));
  row.workflow = workflow;
  const isSeen = wasSeen(countedNodes(tables, row), commit);
  row.nodes = nodesAfter(countedNodes(tables, row), commit.nodes);
  row.nodes = countedNodes(tables, row);
  if (isOver(workflow.state)) row.wakeTime = null;
  else if (!isSeen) row.wakeTime = now;
  else if (commit.wakeTime !== undefined) row.wakeTime = commit.wakeTime;
  return { kind: 'OK', workflow };
}

/** Whether nothing has ended since it was read. */
function wasSeen(nodes: readonly WorkflowNode[], { seen }: WorkflowCommit): boolean {
  const { succeeded, failed } = seenIn(nodes);
  return seen === undefined || (seen.succeeded === succeeded && seen.failed === failed);
}

function workflowAfter(before: Workflow, commit: WorkflowCommit): Workflow {
  const { state, end, reason, run, finishTime, deadline } = commit;
  return {
    ...before,
    ...(state !== undefined && { state }),
    ...(end !== undefined && { end }),
    ...(reason !== undefined && { reason: storableText(reason) }),
    ...(run !== undefined && { run }),
    ...(finishTime !== undefined && { finishTime }),
    ...(deadline !== undefined && { deadline }),
    version: before.version + (isChange(commit) ? 1 : 0),
    seq: before.seq + commit.events.length,
    contextVersion: before.contextVersion + (commit.context.length > 0 ? 1 : 0),
  };
}

/** What holds of every row, as the CHECK constraints of the schema have it. */
function check({ workflowId, state, finishTime }: Workflow): void {
  if ((finishTime !== null) !== isOver(state)) throw new Error(`${workflowId}: ${state}, and its end`);
}

function eventOf(event: NewWorkflowEvent, row: WorkflowRow, { state }: Workflow, now: number): WorkflowEvent {
  return {
    seq: row.events.length + 1,
    type: event.type,
    node: event.node,
    nodeState: event.nodeState,
    reason: storableText(event.reason),
    actor: storableText(event.actor),
    detail: storable(event.detail) as JsonObject,
    state,
    eventTime: now,
  };
}

function nodesAfter(nodes: readonly WorkflowNode[], changes: readonly NodeChange[]): readonly WorkflowNode[] {
  const after = [...nodes];
  for (const change of changes) {
    const { reason } = change;
    const before = after[change.node] as WorkflowNode;
    after[change.node] = {
      ...before,
      ...change,
      ...(reason !== undefined && { reason: storableText(reason) }),
    };
  }
  return after;
}
