import type { ReeveError } from '../../domain/errors.js';
import type { Step } from '../../domain/workflows/steps.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import { type SubmitItem, type SubmitReply, submitTasks } from '../submit-tasks.js';
import { cancelItems } from './cancel-open.js';
import { makeTasks } from './make-tasks.js';
import type { Turn } from './turn.js';

type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** Tasks that are submitted together, and what they may take, in bytes: those with large inputs are fewer. */
const AT_ONCE = 1_000;
const MAX_BYTES_AT_ONCE = 8 * 1024 * 1024;
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
  let room = MAX_BYTES_AT_ONCE;
  for (const step of steps) {
    if (tasks.length > 0 && (room <= 0 || tasks.length + (step.to - step.from) > AT_ONCE)) break;
    const made = await makeItems(turn, step, room);
    if (!made.ok) {
      await refuse(turn, step.node, made.reason);
      continue;
    }
    for (const { spec } of made.tasks) room -= spec.body.length;
    tasks.push(...made.tasks);
    const count = made.tasks.length;
    chunks.push({ step: { ...step, to: step.from + count }, count });
    // The rest of it comes next, before others.
    if (count < step.to - step.from) break;
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

/** Makes tasks of items, as many as fit into so many bytes, and one at least. */
async function makeItems(turn: Turn, { node, from, to }: Submit, room: number) {
  const { copy, loaded, ports, expansions } = turn;
  const { workflow } = copy;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  const making = { workflow, spec: loaded.spec, node: planned, state };
  const make = makeTasks(ports);
  if (planned.settings.expansion === null) {
    return make({ ...making, startTime: beginOf(state, turn), scope: await turn.scope() }, null, room);
  }
  const { expanded, scope } = await expansions.of(workflow, loaded, planned, state);
  const items = expanded.items(from, to);
  if (items.length !== to - from) {
    throw new Error(
      `${planned.address} of workflow ${workflow.workflowId} has other items than it began with`,
    );
  }
  return make({ ...making, startTime: scope.now, scope }, items, room);
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
