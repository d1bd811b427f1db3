import type { ReeveError } from '../../domain/errors.js';
import type { Step } from '../../domain/workflows/steps.js';
import { type SubmitItem, type SubmitReply, submitTasks } from '../submit-tasks.js';
import { cancelItems } from './cancel-open.js';
import { looksUp, makeItems } from './make-items.js';
import type { Turn } from './turn.js';

type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** Tasks that are submitted together. */
const AT_ONCE = 1_000;
/** Nodes that look something up side by side. */
const LOOK_UPS_AT_ONCE = 32;
/** Refused, and stored as that: it counts as a task that has ended. */
const STORED = new Set(['REJECTED_BY_POLICY', 'NO_ELIGIBLE_AGENT']);

/**
 * Whether items may be made before the turn is committed: the only one of a node is the same whoever makes it; those of
 * an expansion have to be settled first. What is looked up takes its time: that it has begun is to be seen, and no other
 * coordinator is to look it up meanwhile.
 */
export function maySubmit(turn: Turn, step: Submit): boolean {
  const isSettled = turn.taskNode(step.node).settings.expansion === null && !looksUp(turn, step);
  return isSettled || turn.copy.isCommitted(step.node);
}

/** Makes items of nodes and submits them, as far as they fit into one call; a repeat finds the same tasks. */
export async function submitItems(turn: Turn, steps: readonly Submit[]): Promise<void> {
  const { ports } = turn.ports;
  const tasks: SubmitItem[] = [];
  const chunks: { readonly step: Submit; readonly count: number }[] = [];
  const first = together(turn, steps);
  const items = await makeItems(turn, first);
  if (first.some((step) => looksUp(turn, step))) {
    // That took its time: whoever has cancelled the workflow is heard before it goes on.
    const goesOn = await isStillOn(turn);
    if (!goesOn || first.length < steps.length) turn.stirred = true;
    if (!goesOn) return;
  }
  for (const { step, made } of items) {
    if (!made.ok) {
      await refuse(turn, step.node, made.reason);
      continue;
    }
    tasks.push(...made.tasks);
    chunks.push({ step, count: made.tasks.length });
  }
  await ports.failpoints.hit('workflow.before-submit');
  const { org, submitterSubjectId: subject } = turn.copy.workflow;
  const replies = tasks.length === 0 ? [] : await submitTasks(ports)({ org, subject, roles: [] }, tasks);
  await ports.failpoints.hit('workflow.between-chunks');
  let from = 0;
  for (const { step, count } of chunks) {
    await submitted(turn, step, replies.slice(from, from + count));
    from += count;
  }
}

/** The first of them, as many as are submitted together. */
function together(turn: Turn, steps: readonly Submit[]): readonly Submit[] {
  let [tasks, lookUps] = [0, 0];
  const end = steps.findIndex((step) => {
    tasks += step.to - step.from;
    lookUps += looksUp(turn, step) ? 1 : 0;
    return tasks > AT_ONCE || lookUps > LOOK_UPS_AT_ONCE;
  });
  return end < 0 ? steps : steps.slice(0, Math.max(1, end));
}

/** Whether the workflow is in the state in which it was read. */
async function isStillOn({ copy, ports }: Turn): Promise<boolean> {
  const { state, run } = copy.before.workflow;
  const now = await ports.workflows.get(copy.key);
  return now?.state === state && now.run === run;
}

async function submitted(turn: Turn, { node, to }: Submit, replies: readonly SubmitReply[]): Promise<void> {
  const { copy } = turn;
  const errors = replies.flatMap((reply) => (reply.ok ? [] : [reply.error]));
  const refused = errors.filter(({ reason }) => !STORED.has(reason));
  const later = refused.find(({ code }) => code === 'UNAVAILABLE' || code === 'RESOURCE_EXHAUSTED');
  if (later) throw later;
  if (refused.length > 0) {
    await refuse(turn, node, reasonOf(refused));
    return;
  }
  // What was rejected has ended already.
  if (errors.length > 0) turn.stirred = true;
  const [only] = replies;
  if (turn.taskNode(node).settings.expansion === null && only?.ok)
    turn.made.push({ node, run: copy.node(node).run, taskId: only.taskId });
  const isLast = to === copy.node(node).total;
  copy.setNode(node, { submitted: to, ...(isLast && { state: 'RUNNING' }) });
}

function reasonOf([first, ...others]: readonly ReeveError[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `SUBMISSION_REFUSED: ${first?.message}${more}`;
}

/** Something that cannot be a task ends its node; what was made of it is not needed any more. */
async function refuse(turn: Turn, node: number, reason: string): Promise<void> {
  await cancelItems(turn, node, reason);
  turn.copy.endNode(node, 'FAILED', reason, turn.now);
}
