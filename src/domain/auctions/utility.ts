import type { Calibrated } from './calibrate.js';

/** What a task is worth to whoever submitted it, in the unit of prices. */
export interface Worth {
  /** Of success. */
  readonly value: number;
  /** What each hour until then takes off. */
  readonly perHour: number;
}

const HOUR = 3_600_000;

/** What an award is expected to bring: the price is paid, and the time passes, whether or not it succeeds. */
export function expectedUtility(
  { probability, price, etaMs }: Pick<Calibrated, 'probability' | 'price' | 'etaMs'>,
  { value, perHour }: Worth,
): number {
  return probability * value - price - (perHour * etaMs) / HOUR;
}
