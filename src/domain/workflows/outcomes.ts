import type { Plan } from './plan.js';
import { failedReason } from './reasons.js';
import { at } from './snapshot.js';
import type { NodeState, WorkflowEnd, WorkflowNode } from './workflow.js';

/** Whether dependents can count on it; what was not to be done is as good as done. */
export function isGood(state: NodeState): boolean {
  return state === 'SUCCEEDED' || state === 'SKIPPED';
}

/** What a group is whose tasks are all over. */
export function groupOutcome(
  plan: Plan,
  nodes: readonly Pick<WorkflowNode, 'state'>[],
  tasks: readonly number[],
): { readonly state: Extract<NodeState, 'SUCCEEDED' | 'PARTIAL' | 'FAILED'>; readonly reason: string } {
  const bad = tasks.filter((task) => !isGood(at(nodes, task).state));
  if (bad.length === 0) return { state: 'SUCCEEDED', reason: '' };
  const isSome = tasks.some((task) => ['SUCCEEDED', 'PARTIAL'].includes(at(nodes, task).state));
  const reason = failedReason(bad.map((task) => at(plan.nodes, task).address));
  return { state: isSome ? 'PARTIAL' : 'FAILED', reason };
}

/** What a workflow is whose nodes are all over, none of which it could not do without. */
export function workflowOutcome(
  plan: Plan,
  nodes: readonly WorkflowNode[],
): { readonly end: Extract<WorkflowEnd, 'SUCCEEDED' | 'PARTIAL'>; readonly reason: string } {
  const bad = plan.nodes.filter(({ kind, node }) => kind === 'TASK' && !isGood(at(nodes, node).state));
  if (bad.length > 0) return { end: 'PARTIAL', reason: failedReason(bad.map(({ address }) => address)) };
  // Only a group of which nothing else is wrong: it took too long with all its tasks skipped or done.
  const groups = plan.nodes.filter(({ node }) => !isGood(at(nodes, node).state));
  if (groups.length === 0) return { end: 'SUCCEEDED', reason: '' };
  return { end: 'PARTIAL', reason: failedReason(groups.map(({ address }) => address)) };
}
