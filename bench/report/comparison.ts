import type { Bench } from '../benches.js';
import type { Comparison, SystemFigures } from '../compare.js';
import type { Plan } from '../plan.js';
import type { Reported } from './report.js';
import { atLeast, atMost, format, type Row, row } from './rows.js';
import { layOut } from './table.js';

export interface Compared extends Comparison {
  /** Memory of an idle agent, in KiB; `null`: not measured. */
  readonly idleKib: number | null;
}

/** Tasks per second of Reeve over those of others, at least. */
const RATIOS: Readonly<Record<string, number>> = { bullmq: 2.5, 'graphile-worker': 1, 'pg-boss': 6 };

/** Systems side by side, and Reeve's figures against their targets. */
export function reportComparison(bench: Bench, plan: Plan, compared: Compared): Reported {
  const { systems } = compared;
  const settings = systems.map(
    ({ name, durability, settings }) => `${name}: ${durability}\n  ${JSON.stringify(settings)}`,
  );
  return {
    tables: [systemTable(systems, plan.rate), settings.join('\n')],
    rows: rowsOf(bench === 'embedded', plan, compared),
    json: { ...compared },
  };
}

function rowsOf(isEmbedded: boolean, plan: Plan, { systems, ratios, idleKib }: Compared): Row[] {
  const ours = systems.find(({ name }) => name.startsWith('reeve'));
  if (!ours) return [];
  const { coordinator = Number.NaN } = ours.cpu;
  return [
    row('tasks end to end', ours.tasksPerSecond, '/s', atLeast(isEmbedded ? 3_000 : 12_000)),
    ...Object.entries(ratios).map(([name, ratio]) => {
      const least = RATIOS[name];
      return row(`times ${name}`, ratio, '×', least === undefined ? null : atLeast(least));
    }),
    row('coordinator CPU a task', coordinator, 'µs', isEmbedded ? null : atMost(60)),
    ...delayRows(isEmbedded, plan, ours),
    ...(idleKib === null ? [] : [row('memory of an idle agent', idleKib, 'KiB', atMost(60))]),
    row('lost', ours.lost, '', atMost(0)),
    row('duplicated', ours.duplicated, '', atMost(0)),
  ];
}

function delayRows(isEmbedded: boolean, { rate }: Plan, { p50Ms, p99Ms, halfLoad }: SystemFigures): Row[] {
  const delay = (q: string, at: number, ms: number, most: number) =>
    row(`submit → agent ${q} at ${Math.round(at)}/s`, ms, 'ms', atMost(most));
  if (isEmbedded) return [delay('p50', rate, p50Ms, 5), row(`the same, p99`, p99Ms, 'ms')];
  const low = [delay('p50', rate, p50Ms, 2.5), delay('p99', rate, p99Ms, 12)];
  if (!halfLoad) return low;
  return [
    ...low,
    delay('p50', halfLoad.rate, halfLoad.p50Ms, 6),
    delay('p99', halfLoad.rate, halfLoad.p99Ms, 25),
  ];
}

function systemTable(systems: readonly SystemFigures[], rate: number): string {
  const parts = [...new Set(systems.flatMap(({ cpu }) => Object.keys(cpu)))];
  const line = (what: string, of: (one: SystemFigures) => number | undefined, unit: string) => {
    const cells = systems.map(of).map((value) => (value === undefined ? '' : format(value, unit)));
    return [what, ...cells];
  };
  return layOut([
    ['', ...systems.map(({ name }) => name)],
    ['version', ...systems.map(({ version }) => version)],
    line('tasks end to end', (one) => one.tasksPerSecond, '/s'),
    line('acknowledged', (one) => one.acknowledgedPerSecond, '/s'),
    line('CPU a task', (one) => one.cpuMicrosPerTask, 'µs'),
    ...parts.map((part) => line(`  ${part}`, ({ cpu }) => cpu[part], 'µs')),
    line('log a task', ({ storeWork }) => storeWork.postgres, 'B'),
    line('Redis commands a task', ({ storeWork }) => storeWork.redis, '×'),
    line(`p50 at ${rate}/s`, (one) => one.p50Ms, 'ms'),
    line(`p99 at ${rate}/s`, (one) => one.p99Ms, 'ms'),
    line('CPU a task then', ({ lowLoadCpu }) => sum(Object.values(lowLoadCpu)), 'µs'),
    ...parts.map((part) => line(`  ${part}`, ({ lowLoadCpu }) => lowLoadCpu[part], 'µs')),
    line('half load', ({ halfLoad }) => halfLoad?.rate, '/s'),
    line('  p50', ({ halfLoad }) => halfLoad?.p50Ms, 'ms'),
    line('  p99', ({ halfLoad }) => halfLoad?.p99Ms, 'ms'),
    line('lost', (one) => one.lost, ''),
    line('duplicated', (one) => one.duplicated, ''),
  ]);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
