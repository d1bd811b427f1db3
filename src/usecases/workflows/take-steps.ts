import { closed } from '../../domain/workflows/completing.js';
import { keysOf } from '../../domain/workflows/context.js';
import { pathText } from '../../domain/workflows/paths.js';
import { reasonOf } from '../../domain/workflows/reasons.js';
import type { Step } from '../../domain/workflows/steps.js';
import { tooLateReason } from '../../domain/workflows/time.js';
import { isNodeOver, type WorkflowEnd } from '../../domain/workflows/workflow.js';
import { beginNodes } from './begin-nodes.js';
import { cancelItems, cancelTasksOf } from './cancel-open.js';
import { escalate } from './escalate.js';
import { failureSoFar } from './failed-items.js';
import { gatherNode } from './gather-node.js';
import { retryFailed } from './retry-failed.js';
import { maySubmit, submitItems } from './submit-items.js';
import type { Turn } from './turn.js';

type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Whether a step may be taken before what was decided so far is committed. */
export function isTimely(turn: Turn, step: Step): boolean {
  const { copy } = turn;
  switch (step.kind) {
    case 'SUBMIT':
      return maySubmit(turn, step);
    case 'BEGIN_TASK':
      // Items are made from a version of the context that there is.
      return turn.taskNode(step.node).settings.expansion === null || copy.writes.length === 0;
    case 'CANCEL_TASKS':
      return copy.before.workflow.state === 'COMPLETING' && !turn.asked.has(step.kind);
    case 'TIME_OUT_GROUP':
      return !turn.asked.has(`${step.kind} ${step.node}`);
    default:
      return true;
  }
}

/**
 * Takes steps that were decided together.
 *
 * @returns whether what is next can be decided before this is committed
 */
export async function takeSteps(turn: Turn, steps: readonly Step[]): Promise<boolean> {
  const begins = steps.filter((step) => step.kind === 'BEGIN_GROUP' || step.kind === 'BEGIN_TASK');
  const submits = steps.filter((step) => step.kind === 'SUBMIT');
  for (const step of steps) await takeOne(turn, step);
  if (begins.length > 0) await beginNodes(turn, begins);
  if (submits.length > 0) await submitItems(turn, submits);
  return !turn.stirred;
}

async function takeOne(turn: Turn, step: Step): Promise<void> {
  const { copy, now } = turn;
  switch (step.kind) {
    case 'ENTER':
      return enter(turn, step);
    case 'GATHER':
      return gatherNode(turn, step.node);
    case 'ESCALATE':
      return escalate(turn, step.node);
    case 'RESUME': {
      const { submitted, total } = copy.node(step.node);
      copy.setNode(step.node, { state: submitted < total ? 'EXPANDING' : 'RUNNING', reason: '' });
      return;
    }
    case 'END_GROUP':
      copy.endNode(step.node, step.state, step.reason, now);
      return;
    case 'TIME_OUT_GROUP':
      return timeOutGroup(turn, step);
    case 'COMPLETE': {
      const { end, node } = step;
      const reason = await endReason(turn, step);
      if (node !== null && !isNodeOver(copy.node(node).state)) copy.setNode(node, { reason });
      copy.setState('COMPLETING', { end, reason });
      return;
    }
    case 'CANCEL_TASKS':
      turn.asked.add(step.kind);
      if (await cancelTasksOf(turn)) turn.stirred = true;
      return;
    case 'FINISH':
      return finish(turn, step.end);
    case 'BEGIN_GROUP':
    case 'BEGIN_TASK':
    case 'SUBMIT':
      return;
  }
}

/** With what the tasks said that failed it. */
async function endReason(turn: Turn, { reason, node }: Of<'COMPLETE'>): Promise<string> {
  if (node === null || isNodeOver(turn.copy.node(node).state) || turn.planNode(node).kind === 'GROUP')
    return reason;
  const why = await failureSoFar(turn, node);
  return why === '' ? reason : reasonOf(turn.planNode(node).address, why);
}

async function enter(turn: Turn, { state }: Of<'ENTER'>): Promise<void> {
  const { copy } = turn;
  const isRetried = copy.workflow.run > 1;
  if (state === 'RESOLVING' || isRetried) await seed(turn);
  if (state === 'PROCESSING' && isRetried) await retryFailed(turn);
  copy.setState(state);
}

/** What the context begins with, but for what was written there already, or taken away. */
async function seed(turn: Turn): Promise<void> {
  const { copy, loaded } = turn;
  const seeds = Object.entries(loaded.spec.context);
  if (seeds.length === 0) return;
  const known = new Set((await turn.rows()).map(({ path }) => keysOf(path)[0]));
  for (const [key, value] of seeds) if (!known.has(key)) copy.write(pathText([key]), value);
}

/**
 * What is open is cancelled once it is committed that the group took too long: whoever looks at it next, by a clock that is
 * behind this one, would take the cancelled tasks for failed ones.
 */
async function timeOutGroup(turn: Turn, { kind, node, reason }: Of<'TIME_OUT_GROUP'>): Promise<void> {
  const { copy, now } = turn;
  turn.asked.add(`${kind} ${node}`);
  const planned = turn.planNode(node);
  if (planned.kind !== 'GROUP') throw new Error(`${planned.address} is no group`);
  const isSettled = copy.before.nodes[node]?.reason === reason;
  for (const task of planned.tasks) {
    const { state, submitted, succeeded, failed } = copy.node(task);
    if (state === 'WAITING') copy.endNode(task, 'CANCELLED', tooLateReason(planned), now);
    else if (
      isSettled &&
      !isNodeOver(state) &&
      submitted > succeeded + failed &&
      (await cancelItems(turn, task, reason))
    ) {
      turn.stirred = true;
    }
  }
  if (copy.node(node).reason !== reason) copy.setNode(node, { reason });
}

async function finish(turn: Turn, end: WorkflowEnd): Promise<void> {
  const { copy, now } = turn;
  // Somebody may have made some whose making was never committed.
  if (end === 'FAILED' || end === 'CANCELLED') await cancelTasksOf(turn);
  for (const { node, state, reason } of closed(turn.loaded.plan, copy)) {
    if (copy.node(node).startTime === null) copy.setNode(node, { state, reason, finishTime: now });
    else copy.endNode(node, state, reason, now);
  }
  copy.setState(end, { end: null, reason: copy.workflow.reason, finishTime: now });
}
