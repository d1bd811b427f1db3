import { figure } from '../report/figure.js';
import { quantile } from '../statistics.js';

/** A single decision that is timed on the clock of the machine. */
export interface Micro {
  readonly title: string;
  /** In µs: the target, and what would be better still. */
  readonly target: number;
  readonly stretch: number;
  /** Decides once; answers something, so that it is not optimised away. */
  decide(): unknown;
}

export interface Timed {
  readonly micro: Micro;
  /** Medians and extremes of rounds, in µs a decision. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const ROUNDS = 15;
const ROUND_MS = 100;

/** @param now a clock in ms */
export function time(micro: Micro, now: () => number): Timed {
  const times = Array.from({ length: ROUNDS + 2 }, () => round(micro, now)).slice(2);
  return { micro, median: quantile(times, 0.5), least: Math.min(...times), most: Math.max(...times) };
}

export function timeLine({ micro, median, least, most }: Timed): string {
  const verdict = median <= micro.stretch ? 'stretch' : median <= micro.target ? 'met' : 'missed';
  const told = [median, least, most].map((us) => figure(us, 'score'));
  return `| ${micro.title} | **${told[0]} µs** (${told[1]} to ${told[2]}) | ≤ ${micro.target} µs (${micro.stretch}) | ${verdict} |`;
}

function round({ decide }: Micro, now: () => number): number {
  const begin = now();
  let decisions = 0;
  let end = begin;
  let kept: unknown;
  while (end - begin < ROUND_MS) {
    for (let n = 0; n < 32; n += 1) kept = decide();
    decisions += 32;
    end = now();
  }
  if (kept === undefined) throw new Error('a decision that decides nothing');
  return ((end - begin) * 1_000) / decisions;
}
