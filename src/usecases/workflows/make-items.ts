import type { Item } from '../../domain/workflows/expansion/items.js';
import { lookupsOf } from '../../domain/workflows/lookups.js';
import type { Step } from '../../domain/workflows/steps.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import { lookUp } from './look-up.js';
import { type Made, type Making, makeTasks } from './make-tasks.js';
import type { Turn } from './turn.js';

type Submit = Extract<Step, { kind: 'SUBMIT' }>;

/** Whether something is looked up before the items of a step are made. */
export function looksUp(turn: Turn, { node }: Submit): boolean {
  return Object.keys(lookupsOf(turn.taskNode(node))).length > 0;
}

/** What is to be made of a step. */
interface ToMake {
  readonly step: Submit;
  readonly making: Making;
  readonly items: readonly Item[] | null;
}

/** What steps submit: look-ups of all of them are asked side by side, templates filled one after the other. */
export async function makeItems(
  turn: Turn,
  steps: readonly Submit[],
): Promise<readonly { readonly step: Submit; readonly made: Made }[]> {
  const { ports } = turn;
  const toMake: ToMake[] = [];
  for (const step of steps) toMake.push(await prepare(turn, step));
  const found = await Promise.all(
    toMake.map(async (one) => ({ ...one, answers: await lookUp(ports)(one.making, one.items) })),
  );
  const all: { step: Submit; made: Made }[] = [];
  for (const { step, making, items, answers } of found) {
    all.push({ step, made: answers.ok ? await makeTasks(ports)(making, items, answers.values) : answers });
  }
  return all;
}

async function prepare(turn: Turn, step: Submit): Promise<ToMake> {
  const { node, from, to } = step;
  const { copy, loaded, expansions } = turn;
  const { workflow } = copy;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  const making = { workflow, spec: loaded.spec, node: planned, state };
  if (planned.settings.expansion === null) {
    const alone = { ...making, startTime: beginOf(state, turn), scope: await turn.scope() };
    return { step, making: alone, items: null };
  }
  const { expanded, scope } = await expansions.of(workflow, loaded, planned, state);
  const items = expanded.items(from, to);
  if (items.length !== to - from) {
    throw new Error(
      `${planned.address} of workflow ${workflow.workflowId} has other items than it began with`,
    );
  }
  return { step, making: { ...making, startTime: scope.now, scope }, items };
}

function beginOf({ startTime }: WorkflowNode, { now }: Turn): number {
  return startTime ?? now;
}
