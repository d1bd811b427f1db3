import { faultOf } from './fault.js';
import { groupOutcome, workflowOutcome } from './outcomes.js';
import type { GroupNode, Plan, PlanNode, TaskNode } from './plan.js';
import { codeOf } from './reasons.js';
import { at, hasBegun, openOf, type Snapshot } from './snapshot.js';
import type { Step, StepLimits } from './steps.js';
import { isLate, lateReason } from './time.js';
import { isNodeOver, type WorkflowNode } from './workflow.js';

/** PROCESSING: how it ends, once that is settled; else all that can be done now. */
export function processingSteps(
  plan: Plan,
  { workflow, nodes }: Snapshot,
  now: number,
  limits: StepLimits,
): readonly Step[] {
  const fault = faultOf(plan, nodes, now);
  if (fault !== null) return [{ kind: 'COMPLETE', end: 'FAILED', reason: fault.reason, node: fault.node }];
  if (nodes.every(({ state }) => isNodeOver(state))) {
    const { end, reason } = workflowOutcome(plan, nodes);
    return [{ kind: 'COMPLETE', end, reason, node: null }];
  }
  if (workflow.deadline !== null && workflow.deadline <= now) return [outOfTime()];

  const steps: Step[] = [];
  let room = limits.maxOpen;
  for (const node of nodes) room -= openOf(node);
  let late = false;
  let isGroupReady = false;
  for (const one of plan.nodes) {
    const here = at(nodes, one.node);
    if (one.kind === 'GROUP') {
      late = isLate(one, nodes, now);
      // What a group waits for may run again after it began, with a retry.
      isGroupReady = isReady(nodes, one);
      const step = groupStep(plan, nodes, one, here, late, isGroupReady);
      if (step !== null) steps.push(step);
      continue;
    }
    const step = late
      ? lateStep(one, here)
      : taskStep(nodes, one, here, isGroupReady, Math.min(room, limits.chunk));
    if (step === null) continue;
    if (step.kind === 'SUBMIT') room -= step.to - step.from;
    steps.push(step);
  }
  return steps;
}

/** The workflow has taken too long. */
export function outOfTime(): Step {
  return { kind: 'COMPLETE', end: 'FAILED', reason: 'TIMED_OUT: the workflow took too long', node: null };
}

function groupStep(
  plan: Plan,
  nodes: readonly WorkflowNode[],
  group: GroupNode,
  here: WorkflowNode,
  late: boolean,
  isGroupReady: boolean,
): Step | null {
  const { node } = group;
  if (here.state === 'WAITING') return isGroupReady ? { kind: 'BEGIN_GROUP', node } : null;
  if (here.state !== 'RUNNING') return null;
  const isMarked = codeOf(here.reason) === 'TIMED_OUT';
  if (group.tasks.every((task) => isNodeOver(at(nodes, task).state))) {
    if (isMarked) return { kind: 'END_GROUP', node, state: 'FAILED', reason: here.reason };
    const { state, reason } = groupOutcome(plan, nodes, group.tasks);
    return { kind: 'END_GROUP', node, state, reason };
  }
  if (!late) return null;
  const isLeft = group.tasks.some((task) => {
    const one = at(nodes, task);
    return one.state === 'WAITING' || openOf(one) > 0;
  });
  if (isMarked && !isLeft) return null;
  return { kind: 'TIME_OUT_GROUP', node, reason: isMarked ? here.reason : lateReason(group) };
}

function taskStep(
  nodes: readonly WorkflowNode[],
  task: TaskNode,
  here: WorkflowNode,
  isGroupReady: boolean,
  atMost: number,
): Step | null {
  const { node } = task;
  if (here.state === 'WAITING') {
    const hasGroupBegun = isGroupReady && at(nodes, task.groupNode).state === 'RUNNING';
    const mayBegin = hasGroupBegun && isReady(nodes, task);
    return mayBegin ? { kind: 'BEGIN_TASK', node } : null;
  }
  if (here.state === 'ESCALATED') return here.failed === 0 ? { kind: 'RESUME', node } : null;
  if (!hasBegun(here)) return null;
  if (here.failed > 0 && task.settings.onFailure === 'ESCALATE') return { kind: 'ESCALATE', node };
  const from = here.submitted;
  if (from < here.total) {
    return atMost > 0 ? { kind: 'SUBMIT', node, from, to: Math.min(here.total, from + atMost) } : null;
  }
  return here.succeeded + here.failed >= here.total ? { kind: 'GATHER', node } : null;
}

/** Of a task whose group took too long: nothing more is made, what there is is gathered once nothing is open. */
function lateStep({ node }: TaskNode, here: WorkflowNode): Step | null {
  return hasBegun(here) && openOf(here) === 0 ? { kind: 'GATHER', node } : null;
}

function isReady(nodes: readonly WorkflowNode[], { waitsFor }: PlanNode): boolean {
  for (const node of waitsFor) if (!isNodeOver(at(nodes, node).state)) return false;
  return true;
}
