import { storable, storableText } from '../../domain/policies/storable.js';
import { isOver, type NewWorkflowEvent } from '../../domain/workflows/workflow.js';
import {
  type CommitOutcome,
  isChange,
  type NodeChange,
  newestWrites,
  type WorkflowCommit,
} from '../../ports/workflow-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeWorkflow, type WorkflowColumns } from './rows.js';

const COMMIT_WORKFLOW = loadStatement('./commit-workflow.sql', import.meta.url);

interface Row extends WorkflowColumns {
  readonly kind: Exclude<CommitOutcome['kind'], 'NOT_FOUND'>;
  readonly path: string;
  readonly found: number;
}

/** Those whose `null` says something. */
const NULLABLE = ['end', 'finishTime', 'deadline', 'wakeTime'] as const;

export async function commitWorkflow(db: Database, commit: WorkflowCommit): Promise<CommitOutcome> {
  const { org, workflowId, version, state, end, reason, run, finishTime, deadline, wakeTime } = commit;
  const writes = newestWrites(commit.context);
  const values = [
    org,
    workflowId,
    version,
    NULLABLE.filter((name) => commit[name] !== undefined),
    state ?? null,
    state === undefined ? null : !isOver(state),
    end ?? null,
    reason === undefined ? null : storableText(reason),
    run ?? null,
    finishTime ?? null,
    deadline ?? null,
    wakeTime ?? null,
    JSON.stringify(commit.nodes.map(storableChange)),
    writes.map(({ path }) => path),
    writes.map(({ value }) => (value === undefined ? null : JSON.stringify(storable(value)))),
    writes.map(({ expected }) => expected),
    JSON.stringify(commit.events.map(storableEvent)),
    isChange(commit),
    commit.seen?.succeeded ?? null,
    commit.seen?.failed ?? null,
  ];
  const [row] = await db.write<Row>(COMMIT_WORKFLOW, values);
  if (!row) return { kind: 'NOT_FOUND' };
  switch (row.kind) {
    case 'OK':
      return { kind: row.kind, workflow: decodeWorkflow(row) };
    case 'VERSION_MISMATCH':
      return { kind: row.kind, path: row.path, found: row.found };
    case 'CHANGED_SINCE':
      return { kind: row.kind };
  }
}

function storableChange(change: NodeChange): NodeChange {
  return change.reason === undefined ? change : { ...change, reason: storableText(change.reason) };
}

function storableEvent(event: NewWorkflowEvent): NewWorkflowEvent {
  return {
    type: event.type,
    node: event.node,
    nodeState: event.nodeState,
    reason: storableText(event.reason),
    actor: storableText(event.actor),
    detail: storable(event.detail) as NewWorkflowEvent['detail'],
  };
}
