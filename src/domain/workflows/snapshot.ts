import type { Workflow, WorkflowNode } from './workflow.js';

/** A workflow as it stands, with its nodes in the order of the plan. */
export interface Snapshot {
  readonly workflow: Workflow;
  readonly nodes: readonly WorkflowNode[];
}

/** @throws Error where there is none: the nodes are not those of the plan */
export function at<T>(list: readonly T[], place: number): T {
  const found = list[place];
  if (found === undefined) throw new Error(`there is no place ${place} in a list of ${list.length}`);
  return found;
}

/** Its tasks that were made and have not ended. */
export function openOf(node: WorkflowNode): number {
  return Math.max(0, node.submitted - node.succeeded - node.failed);
}

/** Whether its items are counted, and its tasks being made or run. */
export function hasBegun(node: WorkflowNode): boolean {
  return node.state === 'EXPANDING' || node.state === 'RUNNING' || node.state === 'ESCALATED';
}

/** Whether all its items were made and succeeded, so that it only has to be gathered. */
export function isDone(node: WorkflowNode): boolean {
  return hasBegun(node) && node.submitted >= node.total && node.succeeded >= node.total && node.failed === 0;
}
