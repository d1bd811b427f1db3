import type { Bench } from '../benches.js';
import type { Comparison, SystemFigures } from '../compare.js';
import type { Plan } from '../plan.js';

/** One figure with what it should be. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** `null`: shown, not judged. */
  readonly target: { readonly kind: 'at least' | 'at most'; readonly value: number } | null;
}

export interface Measured extends Comparison {
  /** Memory of an idle agent, in KiB; `null`: not measured. */
  readonly idleKib: number | null;
}

/** Tasks per second of Reeve over those of others, at least. */
const RATIOS: Readonly<Record<string, number>> = { bullmq: 2.5, 'graphile-worker': 1, 'pg-boss': 6 };

const atLeast = (value: number) => ({ kind: 'at least', value }) as const;
const atMost = (value: number) => ({ kind: 'at most', value }) as const;

/** Reeve's figures against their targets. */
export function rowsOf(bench: Bench, plan: Plan, { systems, ratios, idleKib }: Measured): Row[] {
  const ours = systems.find(({ name }) => name.startsWith('reeve'));
  if (!ours) return [];
  const row = (what: string, value: number, unit: string, target: Row['target'] = null): Row => ({
    what,
    value,
    unit,
    target,
  });
  const isEmbedded = bench === 'embedded';
  return [
    row('tasks end to end', ours.tasksPerSecond, '/s', atLeast(isEmbedded ? 3_000 : 12_000)),
    ...Object.entries(ratios).map(([name, ratio]) => {
      const least = RATIOS[name];
      return row(`times ${name}`, ratio, '×', least === undefined ? null : atLeast(least));
    }),
    row('coordinator CPU a task', ours.cpu.coordinator ?? Number.NaN, 'µs', isEmbedded ? null : atMost(60)),
    ...delays(plan, ours, isEmbedded),
    ...(idleKib === null ? [] : [row('memory of an idle agent', idleKib, 'KiB', atMost(60))]),
    row('lost', ours.lost, '', atMost(0)),
    row('duplicated', ours.duplicated, '', atMost(0)),
  ];
}

function delays({ rate }: Plan, ours: SystemFigures, isEmbedded: boolean): Row[] {
  const row = (q: string, at: number, value: number, most: number): Row => ({
    what: `submit → agent ${q} at ${at}/s`,
    value,
    unit: 'ms',
    target: atMost(most),
  });
  const { halfLoad } = ours;
  return [
    row('p50', rate, ours.p50Ms, isEmbedded ? 5 : 2.5),
    ...(isEmbedded ? [] : [row('p99', rate, ours.p99Ms, 12)]),
    ...(halfLoad
      ? [row('p50', halfLoad.rate, halfLoad.p50Ms, 6), row('p99', halfLoad.rate, halfLoad.p99Ms, 25)]
      : []),
  ];
}

export function isMet({ value, target }: Row): boolean {
  if (!target) return true;
  return target.kind === 'at least' ? value >= target.value : value <= target.value;
}

export function format(value: number, unit: string): string {
  const digits = unit === '' || value >= 100 ? 0 : unit === '×' ? 2 : 1;
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`.trim();
}
