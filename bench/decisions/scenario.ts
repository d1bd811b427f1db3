/** What a figure is: times of a bound, a part of a whole, ms, so many. */
export type Unit = 'times' | 'share' | 'ms' | 'count' | 'score';

/** What a figure of the product is to be: the target, and what would be better still. */
export type Goal =
  | { readonly kind: 'at most' | 'at least'; readonly target: number; readonly stretch: number }
  /** No farther from `value` than that. */
  | { readonly kind: 'around'; readonly value: number; readonly target: number; readonly stretch: number };

export interface Metric {
  /** Of the figure in `Figures`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** None: shown, not judged. */
  readonly goal?: Goal;
}

/** What came out of one run, by the metric's id. */
export type Figures = Readonly<Record<string, number>>;

/** A situation in which decisions are measured. */
export interface Scenario {
  /** S1, S2, … */
  readonly id: string;
  readonly title: string;
  /** What happens in it, in a sentence or two; stands above its table. */
  readonly about: string;
  /** The product's first, by the name of PRODUCT; then what it is compared with. */
  readonly policies: readonly string[];
  readonly metrics: readonly Metric[];
  /** One run in virtual time. The workload follows from the seed alone; the same seed and policy give the same figures. */
  run(seed: number, policy: string): Figures;
}

/** How the product's own policy is called in each scenario. */
export const PRODUCT = 'Reeve';

export const atMost = (target: number, stretch: number): Goal => ({ kind: 'at most', target, stretch });
export const atLeast = (target: number, stretch: number): Goal => ({ kind: 'at least', target, stretch });
export const around = (value: number, target: number, stretch: number): Goal => ({
  kind: 'around',
  value,
  target,
  stretch,
});

export type Verdict = 'stretch' | 'met' | 'missed';

export function verdictOn(value: number, goal: Goal): Verdict {
  if (isWithin(value, goal, goal.stretch)) return 'stretch';
  return isWithin(value, goal, goal.target) ? 'met' : 'missed';
}

function isWithin(value: number, goal: Goal, limit: number): boolean {
  if (goal.kind === 'around') return Math.abs(value - goal.value) <= limit;
  return goal.kind === 'at most' ? value <= limit : value >= limit;
}
