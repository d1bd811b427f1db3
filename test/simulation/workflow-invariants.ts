import { isTerminal } from '../../src/domain/tasks/task-state.js';
import type { TaskRow } from '../../src/memory/record/rows.js';
import { keyOf, type Tables } from '../../src/memory/record/tables.js';
import { planOf } from '../../src/usecases/workflows/plan-of.js';
import { ORG } from './connection.js';
import type { Asked } from './workflow-asked.js';
import { inputsOf, outputOf, toldOf } from './workflow-items.js';
import type { WorkflowOutcome } from './workflow-options.js';
import { expectedOf, successesOf } from './workflow-reference.js';
import { wrongResult } from './workflow-results.js';

/** What was promised and not kept, in sentences; empty is good. */
export function brokenPromises({ asked, tables, errors, rowOf }: WorkflowOutcome): readonly string[] {
  return [
    ...errors,
    ...asked.flatMap((one) => {
      if (one.workflowId === null) return [];
      const tasks = tables.workflowTasks.get(keyOf(ORG, one.workflowId)) ?? [];
      const row = rowOf(one);
      return [
        ...onceEach(tasks),
        ...afterUpstream(one, tasks),
        ...endsAsExpected(one, row),
        ...writtenOnce(one, row.context),
        ...resultsAsScripted(one, tables, tasks, row),
        ...gapless(row.events),
      ].map((what) => `${one.spec.name} (${one.workflowId}): ${what}`);
    }),
  ];
}

type Row = ReturnType<WorkflowOutcome['rowOf']>;

/** An item of a run has one task, and what succeeded does not run again. */
function onceEach(tasks: readonly TaskRow[]): string[] {
  const names = new Map<string, number>();
  for (const { workflow } of tasks) {
    const name = `${workflow?.node}/${workflow?.run}/${workflow?.item}`;
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  const twice = [...names].filter(([, count]) => count > 1).map(([name]) => `two tasks for ${name}`);
  const again = tasks.filter(({ events }) => {
    const first = events.findIndex(({ type }) => type === 'SUCCEEDED');
    return first >= 0 && first < events.length - 1;
  });
  return [...twice, ...again.map(({ taskId }) => `task ${taskId} went on after it had succeeded`)];
}

/** Nothing begins before what it waits for has ended. Of what was never run again, since times then mean another run. */
function afterUpstream({ spec, retries }: Asked, tasks: readonly TaskRow[]): string[] {
  const { plan } = planOf(spec);
  if (!plan || retries > 0) return [];
  const byNode = new Map<number, TaskRow[]>();
  for (const row of tasks) {
    const node = row.workflow?.node ?? -1;
    byNode.set(node, [...(byNode.get(node) ?? []), row]);
  }
  const tasksOf = (node: number): readonly TaskRow[] => {
    const planned = plan.nodes[node];
    return planned?.kind === 'GROUP' ? planned.tasks.flatMap(tasksOf) : (byNode.get(node) ?? []);
  };
  return plan.nodes.flatMap((planned) => {
    if (planned.kind === 'GROUP') return [];
    const waitsFor = [...planned.waitsFor, ...(plan.nodes[planned.groupNode]?.waitsFor ?? [])];
    const ended = Math.max(0, ...waitsFor.flatMap(tasksOf).map(({ finishTime }) => finishTime ?? Infinity));
    const early = tasksOf(planned.node).filter(({ events }) => (events[0]?.eventTime ?? 0) < ended);
    return early.map(
      ({ taskId }) => `task ${taskId} of ${planned.address} began before what it waits for ended`,
    );
  });
}

function endsAsExpected({ spec, cancelled, retries }: Asked, { workflow, nodes }: Row): string[] {
  if (cancelled && workflow.state === 'CANCELLED') return [];
  const expected = expectedOf(spec, retries > 0);
  const found: string[] = [];
  if (workflow.state !== expected.end) {
    found.push(`it is ${workflow.state} (${workflow.reason}), and should be ${expected.end}`);
  }
  const { plan } = planOf(spec);
  for (const { address, node } of plan?.nodes ?? []) {
    const state = nodes[node]?.state;
    const should = expected.states?.get(address);
    if (should !== undefined && state !== should)
      found.push(`${address} is ${state}, and should be ${should}`);
  }
  return found;
}

/** A result is merged once; a run that is not over has none twice. */
function writtenOnce({ retries }: Asked, context: Row['context']): string[] {
  const counts = new Map<string, number>();
  const results = context.filter(({ path }) => path.startsWith('outputs.'));
  for (const { path } of results) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1 + retries)
    .map(([path, count]) => `${path} was written ${count} times`);
}

/** Each task of an item came to what it was to, and the result in the context is what they came to, in their order. */
function resultsAsScripted(
  { spec, retries, cancelled }: Asked,
  tables: Tables,
  tasks: readonly TaskRow[],
  row: Row,
): string[] {
  const { plan } = planOf(spec);
  const found: string[] = [];
  for (const planned of plan?.nodes ?? []) {
    const { state, run = 0 } = row.nodes[planned.node] ?? {};
    if (planned.kind === 'GROUP' || (state !== 'SUCCEEDED' && state !== 'PARTIAL')) continue;
    // Those that were late, or were to end with their workflow, have come as far as they had.
    const isCut = planned.group.timeoutMs !== null || row.workflow.state === 'FAILED' || cancelled;
    if (state === 'PARTIAL' && isCut) continue;
    const written = row.context.filter(({ path }) => path === planned.resultKey).at(-1)?.value;
    const items = tasks
      .filter(({ workflow }) => workflow?.node === planned.node && workflow.run === run)
      .sort((a, b) => (a.workflow?.item ?? 0) - (b.workflow?.item ?? 0));
    const inputs = inputsOf(spec, planned.template);
    if (inputs.length !== items.length)
      found.push(`${planned.address} has ${items.length} of ${inputs.length} items`);
    const successes = successesOf(spec, planned.template, retries > 0 || state === 'SUCCEEDED');
    const outputs = inputs.map((input) => outputOf(toldOf(input)));
    items.forEach((item, i) => {
      const output = outputAt(tables, item);
      if (output !== '' && output !== JSON.stringify(outputs[i]))
        found.push(`item ${i + 1} of ${planned.address}: ${output}`);
    });
    const { expansion } = planned.settings;
    const wrong = expansion
      ? wrongResult(expansion, outputs, successes, written)
      : JSON.stringify(written) !== JSON.stringify(outputs[0]) && JSON.stringify(written);
    if (wrong) found.push(`${planned.address} has another result: ${wrong}`);
  }
  if (tasks.some(({ state }) => !isTerminal(state))) found.push('some of its tasks are open');
  return found;
}

function outputAt(tables: Tables, { org, taskId, epoch }: TaskRow): string {
  const data = tables.results.get(keyOf(org, taskId, epoch))?.result.output?.data;
  return data ? Buffer.from(data).toString('utf8') : '';
}

function gapless(events: Row['events']): string[] {
  return events.every(({ seq }, i) => seq === i + 1) ? [] : ['its trail has gaps'];
}
