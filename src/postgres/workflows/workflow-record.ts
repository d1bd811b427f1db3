import type { JsonValue } from '../../domain/json.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { WorkflowRecord } from '../../ports/workflow-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { commitWorkflow } from './commit-workflow.js';
import { listWorkflows } from './list-workflows.js';
import {
  decodeEvent,
  decodeItem,
  decodeNodes,
  decodeWorkflow,
  type EventColumns,
  type ItemColumns,
  type NodeColumns,
  type SettledColumns,
  type WorkflowColumns,
} from './rows.js';
import { startWorkflow } from './start-workflow.js';

const GET_WORKFLOW = loadStatement('./get-workflow.sql', import.meta.url);
const GET_WORKFLOW_SPEC = loadStatement('./get-workflow-spec.sql', import.meta.url);
const OPEN_WORKFLOW = loadStatement('./open-workflow.sql', import.meta.url);
const READ_WORKFLOW_CONTEXT = loadStatement('./read-workflow-context.sql', import.meta.url);
const PRUNE_WORKFLOW_CONTEXT = loadStatement('./prune-workflow-context.sql', import.meta.url);
const LIST_WORKFLOW_ITEMS = loadStatement('./list-workflow-items.sql', import.meta.url);
const LIST_WORKFLOW_OPEN_TASKS = loadStatement('./list-workflow-open-tasks.sql', import.meta.url);
const LIST_WORKFLOW_EVENTS = loadStatement('./list-workflow-events.sql', import.meta.url);
const LIST_DUE_WORKFLOWS = loadStatement('./list-due-workflows.sql', import.meta.url);
const LIST_WORKFLOW_STRAYS = loadStatement('./list-workflow-strays.sql', import.meta.url);
const FORGET_WORKFLOWS = loadStatement('./forget-workflows.sql', import.meta.url);

const MAX_EVENTS = 1_000;
/** About so many rows are deleted by one statement, and those of one workflow more. */
const MAX_FORGOTTEN_ROWS = 10_000;

interface OpenedRow extends WorkflowColumns {
  readonly nodes: readonly NodeColumns[];
  readonly settled: readonly SettledColumns[];
}

interface OpenColumns {
  readonly id: string;
  readonly series: number;
}

interface ContextColumns {
  readonly path: string;
  readonly version: number;
  readonly value: JsonValue;
  readonly gone: boolean;
}

/** The record of workflows in Postgres. */
export function createWorkflowRecord(db: Database): WorkflowRecord {
  return {
    start: (workflow) => startWorkflow(db, workflow),
    async get({ org, workflowId }) {
      const [row] = await db.read<WorkflowColumns>(GET_WORKFLOW, [org, workflowId]);
      return row ? decodeWorkflow(row) : null;
    },
    async getSpec({ org, workflowId }) {
      const [row] = await db.read<{ readonly spec: WorkflowSpec }>(GET_WORKFLOW_SPEC, [org, workflowId]);
      return row?.spec ?? null;
    },
    list: (query) => listWorkflows(db, query),
    async open({ org, workflowId }) {
      const [row] = await db.read<OpenedRow>(OPEN_WORKFLOW, [org, workflowId]);
      return row ? { workflow: decodeWorkflow(row), nodes: decodeNodes(row.nodes, row.settled) } : null;
    },
    commit: (commit) => commitWorkflow(db, commit),
    async readContext({ org, workflowId }, version) {
      const rows = await db.read<ContextColumns>(READ_WORKFLOW_CONTEXT, [org, workflowId, version]);
      return rows.map(({ gone, value, ...row }) => ({ ...row, value: gone ? undefined : value }));
    },
    async pruneContext({ org, workflowId }, oldest, limit) {
      const values = [org, workflowId, oldest, limit];
      const [row] = await db.write<{ readonly pruned: number }>(PRUNE_WORKFLOW_CONTEXT, values);
      return row?.pruned ?? 0;
    },
    async listItems({ org, workflowId }, node, { afterItem, limit, withPayloads, maxBytes }) {
      const values = [org, workflowId, node, afterItem, limit, withPayloads, maxBytes];
      return (await db.read<ItemColumns>(LIST_WORKFLOW_ITEMS, values)).map(decodeItem);
    },
    async listOpenTasks({ org, workflowId, run, node, limit }) {
      const values = [org, workflowId, run, node, limit];
      const rows = await db.read<OpenColumns>(LIST_WORKFLOW_OPEN_TASKS, values);
      return rows.map(({ id, series }) => ({ taskId: id, series }));
    },
    async listEvents({ org, workflowId }, afterSeq, limit) {
      const values = [org, workflowId, afterSeq, Math.min(limit, MAX_EVENTS)];
      return (await db.read<EventColumns>(LIST_WORKFLOW_EVENTS, values)).map(decodeEvent);
    },
    async listDue(limit) {
      const rows = await db.read<{ org: string; id: string }>(LIST_DUE_WORKFLOWS, [limit]);
      return rows.map(({ org, id }) => ({ org, workflowId: id }));
    },
    async listStrays(limit) {
      const rows = await db.read<OpenColumns & { org: string }>(LIST_WORKFLOW_STRAYS, [limit]);
      return rows.map(({ org, id, series }) => ({ org, taskId: id, series }));
    },
    async forget(endedForMs, limit) {
      const values = [endedForMs, limit, MAX_FORGOTTEN_ROWS];
      const [row] = await db.write<{ readonly forgotten: number }>(FORGET_WORKFLOWS, values);
      return row?.forgotten ?? 0;
    },
  };
}
