import { isTerminal } from '../../../domain/tasks/task-state.js';
import type { WorkflowNode } from '../../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../../ports/workflow-record.js';
import type { TaskRow } from '../rows.js';
import { keyOf, type Tables } from '../tables.js';
import type { WorkflowRow } from './workflow-row.js';

/** In the order in which they were made; also of one that is gone. */
export function tasksOf(tables: Tables, { org, workflowId }: WorkflowKey): readonly TaskRow[] {
  return tables.workflowTasks.get(keyOf(org, workflowId)) ?? [];
}

/** Those of a node's run, in the order of their items. */
export function tasksOfNode(tables: Tables, row: WorkflowRow, node: WorkflowNode): readonly TaskRow[] {
  return tasksOf(tables, row.workflow)
    .filter(({ workflow }) => workflow?.node === node.node && workflow.run === node.run)
    .sort((a, b) => (a.workflow?.item ?? 0) - (b.workflow?.item ?? 0));
}

/** Its nodes as they are now, with those of their tasks that have ended. */
export function countedNodes(tables: Tables, row: WorkflowRow): readonly WorkflowNode[] {
  const counts = row.nodes.map(() => ({ succeeded: 0, failed: 0 }));
  for (const { state, workflow: place } of tasksOf(tables, row.workflow)) {
    const count = place && row.nodes[place.node]?.run === place.run ? counts[place.node] : undefined;
    if (!count || !isTerminal(state)) continue;
    if (state === 'SUCCEEDED') count.succeeded++;
    else count.failed++;
  }
  return row.nodes.map((node, i) => ({ ...node, ...counts[i] }));
}

/** Whether tasks of it have ended, or are open again, since it was looked at. */
export function isBehind(tables: Tables, row: WorkflowRow): boolean {
  return countedNodes(tables, row).some(
    ({ succeeded, failed }, i) => succeeded !== row.nodes[i]?.succeeded || failed !== row.nodes[i]?.failed,
  );
}
