import type { ReeveError } from '../../domain/errors.js';
import type { StepLimits } from '../../domain/workflows/steps.js';
import type { SubmitReply } from '../submit-tasks.js';
import { cancelItems } from './cancel-open.js';
import { looksUp, type MadeItems, makeItems, type Submit } from './make-items.js';
import { Batches } from './submit-batches.js';
import type { Turn } from './turn.js';

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

/** Makes items of nodes and submits them, as far as it is not too many at once; a repeat finds the same tasks. */
export async function submitItems(turn: Turn, steps: readonly Submit[]): Promise<void> {
  const taken = atOnce(turn, steps, turn.ports.limits);
  const asking = taken.filter((step) => looksUp(turn, step));
  const others = taken.filter((step) => !looksUp(turn, step));
  if (asking.length > 0 && taken.length < steps.length) turn.stirred = true;
  const batches = new Batches<Submit>(turn);
  const made = new Map<Submit, MadeItems>();
  const make = async (step: Submit) => void made.set(step, await makeItems(turn, step, batches));
  let replies: ReadonlyMap<Submit, readonly SubmitReply[]>;
  try {
    for (const step of others) await make(step);
    const asked = await Promise.allSettled(asking.map(make));
    for (const one of asked) if (one.status === 'rejected') throw one.reason;
    replies = await batches.end();
  } finally {
    await batches.settle();
  }
  for (const step of taken) {
    const outcome = made.get(step);
    if (outcome?.kind === 'ALL') await submitted(turn, step, replies.get(step) ?? []);
    else if (outcome?.kind === 'REFUSED') await refuse(turn, step.node, outcome.reason);
    else turn.stirred = true;
  }
}

/** The first of them: together they have as many items as one may have. */
function atOnce(turn: Turn, steps: readonly Submit[], { chunk }: StepLimits): readonly Submit[] {
  let [items, lookUps] = [0, 0];
  const end = steps.findIndex((step) => {
    items += step.to - step.from;
    lookUps += looksUp(turn, step) ? 1 : 0;
    return items > chunk || lookUps > LOOK_UPS_AT_ONCE;
  });
  return end < 0 ? steps : steps.slice(0, Math.max(1, end));
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
