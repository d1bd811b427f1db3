import type { Goal, Unit } from '../scenario.js';
import type { Estimate } from '../statistics.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A figure with its unit. */
export function figure(value: number, unit: Unit): string {
  const scale = scaleOf(value, unit);
  return plain(value, scale) + scale.suffix;
}

/** `1.47 ± 0.03` */
export function withHalf({ mean, half }: Estimate, unit: Unit): string {
  const scale = scaleOf(Math.max(Math.abs(mean), half), unit);
  return `${plain(mean, scale)} ± ${plain(half, scale)}${scale.suffix}`;
}

/** `+0.46 ± 0.12` */
export function change({ mean, half }: Estimate, unit: Unit): string {
  return `${mean < 0 ? '−' : '+'}${withHalf({ mean: Math.abs(mean), half }, unit)}`;
}

export function goalText(goal: Goal, unit: Unit): string {
  const { target, stretch } = goal;
  if (goal.kind === 'around') {
    return `${figure(goal.value, unit)} ± ${figure(target, unit)} (± ${figure(stretch, unit)})`;
  }
  return `${goal.kind === 'at most' ? '≤' : '≥'} ${figure(target, unit)} (${figure(stretch, unit)})`;
}

interface Scale {
  readonly one: number;
  readonly digits: number;
  readonly suffix: string;
}

/** In what, and to how many digits a figure of that size says something. */
function scaleOf(value: number, unit: Unit): Scale {
  const [one, digits, suffix] = stepOf(Math.abs(value), unit);
  const size = Math.abs(value) / one;
  return { one, digits: size >= 100 ? 0 : size >= 10 ? Math.min(1, digits) : digits, suffix };
}

function stepOf(size: number, unit: Unit): readonly [one: number, digits: number, suffix: string] {
  if (unit === 'score') return [1, 3, ''];
  if (unit === 'share') return [0.01, 2, ' %'];
  if (unit !== 'ms') return [1, unit === 'times' ? 2 : 1, ''];
  if (size < SECOND) return [1, 0, ' ms'];
  if (size < 10 * MINUTE) return [SECOND, 1, ' s'];
  return size < 10 * HOUR ? [MINUTE, 1, ' min'] : [HOUR, 1, ' h'];
}

function plain(value: number, { one, digits }: Scale): string {
  return (value / one).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
