import { isDeepStrictEqual } from 'node:util';
import type { Deed } from './checker-history.js';
import {
  type RecordedNode,
  type RecordedTask,
  type RecordedWorkflow,
  type RecordSnapshot,
  TERMINAL,
  type Violation,
} from './checker-record.js';
import type { Verb } from './history.js';

const ENDS = new Set(['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED']);
const GOOD = new Set(['SUCCEEDED', 'SKIPPED']);
const CLOSED = new Set(['SUCCEEDED', 'PARTIAL', 'FAILED', 'SKIPPED', 'CANCELLED']);

/**
 * W: what was acknowledged as started is there, once, and has ended as its nodes have; they have ended, none of their
 * tasks is open, their counts are those of their tasks, and each result has each item once.
 *
 * Results are looked for where they are by default: workflows of these tests give no keys of their own.
 */
export function checkWorkflows(
  deeds: ReadonlyMap<Verb, readonly Deed[]>,
  record: RecordSnapshot,
): Violation[] {
  const { workflows } = record;
  if (!workflows) return [];
  const tasks = new Map<string, RecordedTask[]>();
  for (const task of record.tasks) {
    if (task.workflowId !== undefined)
      tasks.set(task.workflowId, [...(tasks.get(task.workflowId) ?? []), task]);
  }
  const cancelled = new Set((deeds.get('cancel-workflow') ?? []).map(({ invoke }) => invoke.workflowId));
  const found = checkStarts(deeds.get('start-workflow') ?? [], workflows);
  for (const workflow of workflows) {
    const own = tasks.get(workflow.workflowId) ?? [];
    const wrong = [
      ...wrongInItself(workflow, cancelled.has(workflow.workflowId)),
      ...workflow.nodes.flatMap((node) => wrongWithNode(workflow, node, own)),
    ];
    for (const message of wrong) found.push({ invariant: 'W', taskId: workflow.workflowId, message });
    found.push(...openTasks(own), ...twins(own));
  }
  const there = new Set(workflows.map(({ workflowId }) => workflowId));
  for (const workflowId of tasks.keys()) {
    if (!there.has(workflowId)) {
      found.push({ invariant: 'W', taskId: workflowId, message: 'tasks of a workflow that is not there' });
    }
  }
  return found;
}

function checkStarts(starts: readonly Deed[], workflows: readonly RecordedWorkflow[]): Violation[] {
  const found: Violation[] = [];
  const say = (taskId: string, message: string) => found.push({ invariant: 'W', taskId, message });
  const byRequest = new Map(workflows.map(({ requestId, workflowId }) => [requestId, workflowId]));
  for (const { end } of starts) {
    if (end?.type !== 'ok') continue;
    const { requestId = '', workflowId = '' } = end;
    const stored = byRequest.get(requestId);
    if (stored !== workflowId)
      say(workflowId, `request ${requestId} was acknowledged; it is ${stored ?? 'not in the record'}`);
  }
  const asked = new Set(starts.map(({ invoke }) => invoke.requestId));
  for (const { requestId, workflowId } of workflows) {
    if (!asked.has(requestId ?? '')) say(workflowId, `nobody started ${requestId}`);
  }
  return found;
}

function wrongInItself({ state, nodes, seqs }: RecordedWorkflow, wasCancelled: boolean): string[] {
  const found: string[] = [];
  if (!ENDS.has(state)) found.push(`it has not ended: ${state}`);
  const states = nodes.map((node) => node.state);
  const isGood = states.every((one) => GOOD.has(one));
  if (state === 'SUCCEEDED' && !isGood) found.push(`it SUCCEEDED with ${states.join(', ')}`);
  if (state === 'PARTIAL' && isGood) found.push('it is PARTIAL, and all of its nodes succeeded');
  if (state === 'CANCELLED' && !wasCancelled) found.push('it is CANCELLED, and nobody cancelled it');
  if (!seqs.every((seq, i) => seq === i + 1)) found.push('its trail has gaps');
  return found;
}

function wrongWithNode(
  workflow: RecordedWorkflow,
  node: RecordedNode,
  tasks: readonly RecordedTask[],
): string[] {
  const name = `node ${node.node}`;
  const found: string[] = [];
  if (ENDS.has(workflow.state) && !CLOSED.has(node.state)) found.push(`${name} is ${node.state}`);
  const items = tasks
    .filter(({ place }) => place?.node === node.node && place.run === node.run)
    .sort((a, b) => (a.place?.item ?? 0) - (b.place?.item ?? 0));
  const succeeded = items.filter(({ state }) => state === 'SUCCEEDED').length;
  const failed = items.filter(({ state }) => TERMINAL.has(state)).length - succeeded;
  if (node.succeeded !== succeeded || node.failed !== failed) {
    const counted = `${node.succeeded} succeeded and ${node.failed} failed`;
    found.push(`${name} counts that ${counted}; of its tasks ${succeeded} and ${failed}`);
  }
  // What was made for a decision that came to nothing was never counted as submitted.
  if (items.length < node.submitted) found.push(`${name} has ${items.length} of ${node.submitted} tasks`);
  const [first] = items;
  if (node.state !== 'SUCCEEDED' || !first?.place) return found;
  if (succeeded !== node.total || items.length !== node.total)
    found.push(`${name} SUCCEEDED with ${succeeded} of ${node.total} (${items.length} tasks)`);
  const result = workflow.context[`outputs.${first.place.address}`];
  return [...found, ...wrongResult(result, items).map((what) => `${first.place?.address}: ${what}`)];
}

interface Counted {
  readonly succeeded: number;
}

/** Every item once, each with what its task came to; of what merges them, that it counts them. */
function wrongResult(result: unknown, items: readonly RecordedTask[]): string[] {
  const { task_results: entries, ...merged } = (result ?? {}) as Partial<Counted> & {
    readonly task_results?: readonly { readonly sequence_num: number; readonly output: unknown }[];
    readonly summary?: Counted;
  };
  // All in one document, or in one score.
  const counted = merged.summary ?? ('final_score' in merged ? merged : undefined);
  if (counted !== undefined) {
    return counted.succeeded === items.length ? [] : [`its result is of ${counted.succeeded} items`];
  }
  if (!Array.isArray(entries)) {
    const output = items[0]?.output;
    if (items.length === 1 && isDeepStrictEqual(result, output)) return [];
    return [`its result is ${brief(result)}, that of its task ${brief(output)}`];
  }
  const numbers = entries.map(({ sequence_num: number }) => number);
  const should = items.map(({ place }) => place?.item);
  if (!isDeepStrictEqual(numbers, should))
    return [`its result has items ${numbers}, its tasks are ${should}`];
  return entries.flatMap(({ output }, i) =>
    isDeepStrictEqual(output, items[i]?.output)
      ? []
      : [`item ${i + 1} of its result is not that of its task`],
  );
}

function brief(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 200);
}

function openTasks(tasks: readonly RecordedTask[]): Violation[] {
  return tasks
    .filter(({ state }) => !TERMINAL.has(state))
    .map(({ taskId, state }) => ({
      invariant: 'W',
      taskId,
      message: `its workflow is over, and it is ${state}`,
    }));
}

function twins(tasks: readonly RecordedTask[]): Violation[] {
  const places = new Map<string, string>();
  const found: Violation[] = [];
  for (const { taskId, place } of tasks) {
    const name = `${place?.node}/${place?.run}/${place?.item}`;
    const other = places.get(name);
    if (other !== undefined)
      found.push({ invariant: 'W', taskId, message: `it is the same item (${name}) as ${other}` });
    places.set(name, taskId);
  }
  return found;
}
