import { isTerminal } from '../../../domain/tasks/task-state.js';
import { isOver, type Workflow } from '../../../domain/workflows/workflow.js';
import type { Clock } from '../../../ports/clock.js';
import type { TaskRun, WorkflowKey, WorkflowQuery, WorkflowRecord } from '../../../ports/workflow-record.js';
import { keyOf, type Tables } from '../tables.js';
import { commitWorkflow } from './commit.js';
import { contextAt, pruneContext } from './context.js';
import { countedNodes, isBehind, tasksOf, tasksOfNode } from './counts.js';
import { itemsOfPage } from './items.js';
import { startWorkflow } from './start.js';

const MAX_EVENTS = 1_000;

/**
 * The record of workflows inside one process, for simulations.
 *
 * @param tables those of the record of tasks: by these it knows which have ended
 */
export function createMemoryWorkflowRecord(clock: Pick<Clock, 'now'>, tables: Tables): WorkflowRecord {
  const find = ({ org, workflowId }: WorkflowKey) => tables.workflows.get(keyOf(org, workflowId));
  return {
    start: async (workflow) => startWorkflow(tables, workflow, clock.now()),
    get: async (key) => find(key)?.workflow ?? null,
    getSpec: async (key) => find(key)?.spec ?? null,
    list: async (query) => list(tables, query),
    async open(key) {
      const row = find(key);
      return row ? { workflow: row.workflow, nodes: countedNodes(tables, row) } : null;
    },
    commit: async (commit) => commitWorkflow(tables, commit, clock.now()),
    async readContext(key, version) {
      const row = find(key);
      return row ? contextAt(row, version) : [];
    },
    async pruneContext(key, oldest, limit) {
      const row = find(key);
      return row ? pruneContext(row, oldest, limit) : 0;
    },
    async listItems(key, node, page) {
      const row = find(key);
      const found = row?.nodes[node];
      return row && found ? itemsOfPage(tables, tasksOfNode(tables, row, found), page) : [];
    },
    async listOpenTasks({ run, node, limit, ...key }) {
      const row = find(key);
      return row?.workflow.run === run ? openTasksOf(tables, key, node).slice(0, limit) : [];
    },
    async listEvents(key, afterSeq, limit) {
      const events = find(key)?.events ?? [];
      return events.filter(({ seq }) => seq > afterSeq).slice(0, Math.min(limit, MAX_EVENTS));
    },
    async listDue(limit) {
      const now = clock.now();
      const due = [...tables.workflows.values()].filter(
        (row) =>
          !isOver(row.workflow.state) &&
          ((row.wakeTime !== null && row.wakeTime <= now) || isBehind(tables, row)),
      );
      return due.slice(0, limit).map(({ workflow: { org, workflowId } }) => ({ org, workflowId }));
    },
    async listStrays(limit) {
      const strays = [...tables.workflowTasks].flatMap(([key, tasks]) => {
        const row = tables.workflows.get(key);
        return row && !isOver(row.workflow.state) ? [] : tasks.filter(({ state }) => !isTerminal(state));
      });
      return strays.slice(0, limit).map(({ org, taskId, series }) => ({ org, taskId, series }));
    },
    async forget(endedForMs, limit) {
      const before = clock.now() - endedForMs;
      const old = [...tables.workflows].filter(
        ([, { workflow }]) => workflow.finishTime !== null && workflow.finishTime < before,
      );
      for (const [key] of old.slice(0, limit)) tables.workflows.delete(key);
      return Math.min(old.length, limit);
    },
  };
}

function openTasksOf(tables: Tables, key: WorkflowKey, node: number | null): readonly TaskRun[] {
  return tasksOf(tables, key)
    .filter(({ state, workflow }) => !isTerminal(state) && (node === null || workflow?.node === node))
    .map(({ taskId, series }) => ({ taskId, series }))
    .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
}

function list(
  tables: Tables,
  { org, states, name, labels, limit, beforeId }: WorkflowQuery,
): readonly Workflow[] {
  const isChosen = (workflow: Workflow) =>
    workflow.org === org &&
    (beforeId === null || workflow.workflowId < beforeId) &&
    (states.length === 0 || states.includes(workflow.state)) &&
    (name === '' || workflow.name === name) &&
    Object.entries(labels).every(([key, value]) => workflow.labels[key] === value);
  return [...tables.workflows.values()]
    .map(({ workflow }) => workflow)
    .filter(isChosen)
    .sort((a, b) => (a.workflowId < b.workflowId ? 1 : -1))
    .slice(0, limit);
}
