import type { GroupNode } from './plan.js';
import { codeOf } from './reasons.js';
import { at, isDone } from './snapshot.js';
import { isNodeOver, type WorkflowNode } from './workflow.js';

/** When a group that runs has taken too long; `null`: it is not bounded. */
export function groupDeadline(group: GroupNode, here: WorkflowNode): number | null {
  const { timeoutMs } = group.group;
  if (here.state !== 'RUNNING' || here.startTime === null || timeoutMs === null) return null;
  return here.startTime + timeoutMs;
}

/** Whether a group that runs has taken too long, with something left to do in it. */
export function isLate(group: GroupNode, nodes: readonly WorkflowNode[], now: number): boolean {
  const here = at(nodes, group.node);
  if (here.state !== 'RUNNING') return false;
  if (codeOf(here.reason) === 'TIMED_OUT') return true;
  const deadline = groupDeadline(group, here);
  if (deadline === null || deadline > now) return false;
  return group.tasks.some((task) => {
    const one = at(nodes, task);
    return !isNodeOver(one.state) && !isDone(one);
  });
}

/** Of a group that took too long, and of its tasks that ran. */
export function lateReason(group: GroupNode): string {
  return `TIMED_OUT: ${lateWords(group)}`;
}

/** Of its tasks that had not begun. */
export function tooLateReason(group: GroupNode): string {
  return `CANCELLED: ${lateWords(group)} before it began`;
}

function lateWords({ address, group }: GroupNode): string {
  return `group ${address} took longer than ${group.timeoutMs} ms`;
}
