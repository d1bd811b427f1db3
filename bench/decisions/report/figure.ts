import type { Goal, Unit } from '../scenario.js';
import type { Estimate } from '../statistics.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A figure with its unit. */
export function figure(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return plain(value, 2);
    case 'score':
      return plain(value, 3);
    case 'share':
      return `${plain(value * 100, 2)} %`;
    case 'count':
      return plain(value, 1);
    case 'ms':
      return time(value);
  }
}

/** `1.47 ± 0.03` */
export function withHalf({ mean, half }: Estimate, unit: Unit): string {
  return `${figure(mean, unit)} ± ${figure(half, unit)}`;
}

/** `+0.46 ± 0.12` */
export function change({ mean, half }: Estimate, unit: Unit): string {
  return `${mean < 0 ? '−' : '+'}${figure(Math.abs(mean), unit)} ± ${figure(half, unit)}`;
}

export function goalText(goal: Goal, unit: Unit): string {
  const { target, stretch } = goal;
  if (goal.kind === 'around') {
    return `${figure(goal.value, unit)} ± ${figure(target, unit)} (± ${figure(stretch, unit)})`;
  }
  return `${goal.kind === 'at most' ? '≤' : '≥'} ${figure(target, unit)} (${figure(stretch, unit)})`;
}

function time(ms: number): string {
  const size = Math.abs(ms);
  if (size < SECOND) return `${plain(ms, 0)} ms`;
  if (size < 10 * MINUTE) return `${plain(ms / SECOND, 1)} s`;
  if (size < 10 * HOUR) return `${plain(ms / MINUTE, 1)} min`;
  return `${plain(ms / HOUR, 1)} h`;
}

/** No more digits than say something. */
function plain(value: number, digits: number): string {
  const size = Math.abs(value);
  const shown = size >= 100 ? 0 : size >= 10 ? Math.min(1, digits) : digits;
  return value.toLocaleString('en-US', { minimumFractionDigits: shown, maximumFractionDigits: shown });
}
