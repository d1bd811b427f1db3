import type { ReeveError } from '../../domain/errors.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { lookupsOf } from '../../domain/workflows/lookups.js';
import type { Step } from '../../domain/workflows/steps.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import { type SubmitItem, type SubmitReply, submitTasks } from '../submit-tasks.js';
import { cancelItems } from './cancel-open.js';
import { lookUp } from './look-up.js';
import { type Made, type Making, makeTasks } from './make-tasks.js';
import type { Turn } from './turn.js';

type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** Tasks that are submitted together. */
const AT_ONCE = 1_000;
/** Nodes that look something up side by side. */
const LOOK_UPS_AT_ONCE = 32;
/** Refused, and stored as that: it counts as a task that has ended. */
const STORED = new Set(['REJECTED_BY_POLICY', 'NO_ELIGIBLE_AGENT']);

/**
 * Whether items may be made before the turn is committed: the only one of a node is the same whoever makes it;
 * those of an expansion have to be settled first.
 */
export function maySubmit(turn: Turn, { node }: Submit): boolean {
  return turn.taskNode(node).settings.expansion === null || turn.copy.isCommitted(node);
}

/** Makes items of nodes and submits them, as far as they fit into one call; a repeat finds the same tasks. */
export async function submitItems(turn: Turn, steps: readonly Submit[]): Promise<void> {
  const { ports } = turn.ports;
  const tasks: SubmitItem[] = [];
  const chunks: { readonly step: Submit; readonly count: number }[] = [];
  const first = together(turn, steps);
  for (const { step, made } of await makeItems(turn, first)) {
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
  // Look-ups take their time: whoever has cancelled it meanwhile is heard before the next.
  if (first.length < steps.length && first.some((step) => looksUp(turn, step))) turn.stirred = true;
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

function looksUp(turn: Turn, { node }: Submit): boolean {
  return Object.keys(lookupsOf(turn.taskNode(node))).length > 0;
}

/** What is to be made of a step. */
interface ToMake {
  readonly making: Making;
  readonly items: readonly Item[] | null;
}

/** Looks up side by side, and fills templates one after the other. */
async function makeItems(
  turn: Turn,
  steps: readonly Submit[],
): Promise<readonly { readonly step: Submit; readonly made: Made }[]> {
  const { ports } = turn;
  const toMake: ToMake[] = [];
  for (const step of steps) toMake.push(await prepare(turn, step));
  const found = await Promise.all(toMake.map(({ making, items }) => lookUp(ports)(making, items)));
  const all: { step: Submit; made: Made }[] = [];
  for (const [i, step] of steps.entries()) {
    const { making, items } = toMake[i] as ToMake;
    const answers = found[i] as (typeof found)[number];
    all.push({ step, made: answers.ok ? await makeTasks(ports)(making, items, answers.values) : answers });
  }
  return all;
}

async function prepare(turn: Turn, { node, from, to }: Submit): Promise<ToMake> {
  const { copy, loaded, expansions } = turn;
  const { workflow } = copy;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  const making = { workflow, spec: loaded.spec, node: planned, state };
  if (planned.settings.expansion === null) {
    const alone = { ...making, startTime: beginOf(state, turn), scope: await turn.scope() };
    return { making: alone, items: null };
  }
  const { expanded, scope } = await expansions.of(workflow, loaded, planned, state);
  const items = expanded.items(from, to);
  if (items.length !== to - from) {
    throw new Error(
      `${planned.address} of workflow ${workflow.workflowId} has other items than it began with`,
    );
  }
  return { making: { ...making, startTime: scope.now, scope }, items };
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
