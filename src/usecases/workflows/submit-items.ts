import type { ReeveError } from '../../domain/errors.js';
import type { Step, StepLimits } from '../../domain/workflows/steps.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import type { SubmitReply } from '../submit-tasks.js';
import { cancelItems } from './cancel-open.js';
import { makeTasks } from './make-tasks.js';
import { Batches, MAX_BATCH_BYTES } from './submit-batches.js';
import type { Turn } from './turn.js';

type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** Refused, and stored as that: it counts as a task that has ended. */
const STORED = new Set(['REJECTED_BY_POLICY', 'NO_ELIGIBLE_AGENT']);

/**
 * Whether items may be made before the turn is committed: the only one of a node is the same whoever makes it;
 * those of an expansion have to be settled first.
 */
export function maySubmit(turn: Turn, { node }: Submit): boolean {
  return turn.taskNode(node).settings.expansion === null || turn.copy.isCommitted(node);
}

/** Makes items of nodes and submits them, as far as it is not too many at once; a repeat finds the same tasks. */
export async function submitItems(turn: Turn, steps: readonly Submit[]): Promise<void> {
  const batches = new Batches<Submit>(turn);
  const unmade = new Map<Submit, string>();
  const taken = atOnce(steps, turn.ports.limits);
  let replies: ReadonlyMap<Submit, readonly SubmitReply[]>;
  try {
    for (const step of taken) {
      const reason = await makeAll(turn, step, batches);
      if (reason !== null) unmade.set(step, reason);
    }
    replies = await batches.end();
  } finally {
    await batches.settle();
  }
  for (const step of taken) {
    const reason = unmade.get(step);
    if (reason === undefined) await submitted(turn, step, replies.get(step) ?? []);
    else await refuse(turn, step.node, reason);
  }
}

/** As many as one of them may have items. */
function atOnce(steps: readonly Submit[], { chunk }: StepLimits): readonly Submit[] {
  let count = 0;
  const end = steps.findIndex(({ from, to }, at) => {
    count += to - from;
    return at > 0 && count > chunk;
  });
  return end < 0 ? steps : steps.slice(0, end);
}

/** @returns why they cannot be made; `null`: they were */
async function makeAll(turn: Turn, step: Submit, batches: Batches<Submit>): Promise<string | null> {
  for (let { from } = step; from < step.to; ) {
    const to = Math.min(step.to, from + turn.ports.limits.batch);
    const made = await makeItems(turn, { ...step, from, to });
    if (!made.ok) return made.reason;
    await batches.add(step, made.tasks);
    from += made.tasks.length;
  }
  return null;
}

/** Makes tasks of items: as many as fit into one batch, and one at least. */
async function makeItems(turn: Turn, { node, from, to }: Submit) {
  const { copy, loaded, ports, expansions } = turn;
  const { workflow } = copy;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  const making = { workflow, spec: loaded.spec, node: planned, state };
  const make = makeTasks(ports);
  if (planned.settings.expansion === null) {
    return make(
      { ...making, startTime: beginOf(state, turn), scope: await turn.scope() },
      null,
      MAX_BATCH_BYTES,
    );
  }
  const { expanded, scope } = await expansions.of(workflow, loaded, planned, state);
  const items = expanded.items(from, to);
  if (items.length !== to - from) {
    throw new Error(
      `${planned.address} of workflow ${workflow.workflowId} has other items than it began with`,
    );
  }
  return make({ ...making, startTime: scope.now, scope }, items, MAX_BATCH_BYTES);
}

function beginOf({ startTime }: WorkflowNode, { now }: Turn): number {
  return startTime ?? now;
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
  if (!copy.isCommitted(node) && only?.ok)
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
