import type { JsonObject } from '../../domain/json.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { lookupsOf } from '../../domain/workflows/lookups.js';
import type { Step } from '../../domain/workflows/steps.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import { lookUp } from './look-up.js';
import { type Making, makeTasks } from './make-tasks.js';
import { type Batches, MAX_BATCH_BYTES } from './submit-batches.js';
import type { Turn } from './turn.js';

export type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** What so many batches look up is asked together: who answers is far away. */
const BATCHES_LOOKED_UP = 2;

/** How far the items of a step were made. */
export type MadeItems =
  | { readonly kind: 'ALL' }
  /** A code, and words: why they cannot be. */
  | { readonly kind: 'REFUSED'; readonly reason: string }
  /** The workflow is not in the state any more in which it was read. */
  | { readonly kind: 'STOPPED' };

/** Whether something is looked up before the items of a step are made. */
export function looksUp(turn: Turn, { node }: Pick<Submit, 'node'>): boolean {
  return Object.keys(lookupsOf(turn.taskNode(node))).length > 0;
}

/** Makes the items of a step, some at a time, and submits them with others. */
export async function makeItems(turn: Turn, step: Submit, batches: Batches<Submit>): Promise<MadeItems> {
  const count = turn.ports.limits.batch * (looksUp(turn, step) ? BATCHES_LOOKED_UP : 1);
  for (let { from } = step; from < step.to; from += count) {
    const made = await makeSome(turn, step, from, Math.min(step.to, from + count), batches);
    if (made.kind !== 'ALL') return made;
  }
  return { kind: 'ALL' };
}

/** Look-ups of all of them are asked together; templates are filled as far as what comes of them fits into a batch. */
async function makeSome(
  turn: Turn,
  step: Submit,
  from: number,
  to: number,
  batches: Batches<Submit>,
): Promise<MadeItems> {
  const { ports } = turn;
  const { making, items } = await prepare(turn, step.node, from, to);
  let answers: readonly JsonObject[] = [];
  if (looksUp(turn, step)) {
    const found = await lookUp(ports)(making, items);
    if (!found.ok) return { kind: 'REFUSED', reason: found.reason };
    // That took its time: whoever has cancelled the workflow is heard before it goes on.
    if (!(await isStillOn(turn))) return { kind: 'STOPPED' };
    answers = found.values;
  }
  for (let done = 0; done < to - from; ) {
    const left = items === null ? null : items.slice(done);
    const made = await makeTasks(ports)(making, left, MAX_BATCH_BYTES, answers.slice(done));
    if (!made.ok) return { kind: 'REFUSED', reason: made.reason };
    await batches.add(step, made.tasks);
    done += made.tasks.length;
  }
  return { kind: 'ALL' };
}

async function prepare(
  turn: Turn,
  node: number,
  from: number,
  to: number,
): Promise<{ readonly making: Making; readonly items: readonly Item[] | null }> {
  const { copy, loaded, expansions } = turn;
  const { workflow } = copy;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  const making = { workflow, spec: loaded.spec, node: planned, state };
  if (planned.settings.expansion === null) {
    return {
      making: { ...making, startTime: beginOf(state, turn), scope: await turn.scope() },
      items: null,
    };
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

/** Whether the workflow is in the state in which it was read. */
async function isStillOn({ copy, ports }: Turn): Promise<boolean> {
  const { state, run } = copy.before.workflow;
  const now = await ports.workflows.get(copy.key);
  return now?.state === state && now.run === run;
}
