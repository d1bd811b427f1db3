import { isGood } from './outcomes.js';
import type { Plan, TaskNode } from './plan.js';
import { reasonOf } from './reasons.js';
import { at, hasBegun, isDone } from './snapshot.js';
import { isLate, lateReason } from './time.js';
import { isNodeOver, type WorkflowNode } from './workflow.js';

/** What a workflow fails by. */
export interface Fault {
  readonly node: number;
  readonly reason: string;
}

/**
 * The first node that fails the workflow, in the order of the plan: a task that did not come to what it should and may not
 * be done without, or a group that took too long with such a task left. An item that failed is enough, unless a person is
 * to be asked.
 */
export function faultOf(plan: Plan, nodes: readonly WorkflowNode[], now: number): Fault | null {
  let late = false;
  for (const one of plan.nodes) {
    if (one.kind === 'GROUP') {
      late = isLate(one, nodes, now);
      if (late && one.tasks.some((task) => isMissed(plan, nodes, task))) {
        return { node: one.node, reason: lateReason(one) };
      }
    } else if (one.settings.onFailure !== 'CONTINUE') {
      const fault = taskFault(one, at(nodes, one.node), at(nodes, one.groupNode));
      if (fault !== null) return fault;
    }
  }
  return null;
}

/** Whether a task that may not be done without is not to come any more, as its group is late. */
function isMissed(plan: Plan, nodes: readonly WorkflowNode[], task: number): boolean {
  const one = at(plan.nodes, task);
  const here = at(nodes, task);
  if (one.kind === 'GROUP' || one.settings.onFailure === 'CONTINUE') return false;
  return !isNodeOver(here.state) && !isDone(here);
}

function taskFault(task: TaskNode, here: WorkflowNode, group: WorkflowNode): Fault | null {
  if (isGood(here.state)) return null;
  if (isNodeOver(group.state) && group.state !== 'SKIPPED' && !['FAILED', 'PARTIAL'].includes(here.state)) {
    return { node: group.node, reason: reasonOf(task.group.groupId, group.reason) };
  }
  if (isNodeOver(here.state)) return { node: task.node, reason: reasonOf(task.address, here.reason) };
  if (task.settings.onFailure === 'ESCALATE' || !hasBegun(here) || here.failed === 0) return null;
  const words = here.total > 1 ? `${here.failed} of ${here.total} tasks did not succeed` : '';
  return { node: task.node, reason: reasonOf(task.address, `TASK_FAILED: ${words}`) };
}
