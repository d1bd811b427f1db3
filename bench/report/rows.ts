import type { Figures } from '../figures.js';

/** One figure with what it should be. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** `null`: shown, not judged. */
  readonly target: { readonly kind: 'at least' | 'at most'; readonly value: number } | null;
}

export function rowsOf(figures: Figures): Row[] {
  const row = (what: string, value: number, unit: string, target: Row['target'] = null): Row => ({
    what,
    value,
    unit,
    target,
  });
  const { rate } = figures.plan;
  return [
    row('tasks end to end', figures.tasksPerSecond, '/s', { kind: 'at least', value: 3_000 }),
    row('coordinator CPU per task', figures.cpuMicrosPerTask, 'µs'),
    row(`submit → agent p50 at ${rate}/s`, figures.p50Ms, 'ms', { kind: 'at most', value: 5 }),
    row(`submit → agent p99 at ${rate}/s`, figures.p99Ms, 'ms'),
    row('memory per idle agent', figures.kibPerIdleAgent, 'KiB', { kind: 'at most', value: 60 }),
    row('lost', figures.lost, '', { kind: 'at most', value: 0 }),
    row('duplicated', figures.duplicated, '', { kind: 'at most', value: 0 }),
  ];
}

export function isMet({ value, target }: Row): boolean {
  if (!target) return true;
  return target.kind === 'at least' ? value >= target.value : value <= target.value;
}

export function format(value: number, unit: string): string {
  const digits = unit === '' || value >= 100 ? 0 : 1;
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === '/s' ? `${number}/s` : `${number} ${unit}`.trim();
}
