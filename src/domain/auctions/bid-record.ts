import { type Bins, NO_BINS, withForecast } from './bins.js';

/**
 * How the bids of a bidder for one kind of task came out: of those that won, since of others nobody knows. The same
 * record is kept of a bidder over all kinds, and of all bidders. Each outcome takes a little from what was before.
 */
export interface BidRecord {
  /** Outcomes that count, and the successes among them. */
  readonly outcomes: number;
  readonly successes: number;
  /** Sum of the confidences that were said. */
  readonly said: number;
  /** Sums of squared errors: of what was said, and of what was made of it. */
  readonly saidSquared: number;
  readonly squared: number;
  /** By what was made of it, how often that came true. */
  readonly bins: Bins;
  /** ln(real ÷ said) of the time, of the price. */
  readonly time: Ratio;
  readonly price: Ratio;
}

/** Ratios that count, with the mean and the variance of their logarithms. */
export interface Ratio {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

const NO_RATIO: Ratio = { count: 0, mean: 0, variance: 0 };
export const NO_BIDS: BidRecord = {
  outcomes: 0,
  successes: 0,
  said: 0,
  saidSquared: 0,
  squared: 0,
  bins: NO_BINS,
  time: NO_RATIO,
  price: NO_RATIO,
};

/** How a bid that won came out. */
export interface BidResult {
  readonly succeeded: boolean;
  /** The confidence that was said, and the probability that was made of it. */
  readonly said: number;
  readonly probability: number;
  /** Real ÷ said; `null`: not known, as the time of what failed. */
  readonly timeRatio: number | null;
  readonly priceRatio: number | null;
}

/**
 * Outcomes after which one is forgotten (to 1/e). Measured in S8, where skills swap halfway: with 128 the swap costs
 * half as much again while it is learned, with 16 chance costs more ever after.
 */
const MEMORY = 48;
const KEPT = 1 - 1 / MEMORY;
/** A real time or price this many times what was said counts as no more than that, either way. */
const MOST_TIMES = 20;

export function withResult(record: BidRecord, result: BidResult): BidRecord {
  const hit = result.succeeded ? 1 : 0;
  return {
    outcomes: KEPT * record.outcomes + 1,
    successes: KEPT * record.successes + hit,
    said: KEPT * record.said + result.said,
    saidSquared: KEPT * record.saidSquared + (result.said - hit) ** 2,
    squared: KEPT * record.squared + (result.probability - hit) ** 2,
    bins: withForecast(record.bins, result.probability, hit, KEPT),
    time: withRatio(record.time, result.timeRatio),
    price: withRatio(record.price, result.priceRatio),
  };
}

function withRatio(ratio: Ratio, value: number | null): Ratio {
  if (value === null || !(value >= 0)) return ratio;
  const ln = Math.log(Math.min(MOST_TIMES, Math.max(1 / MOST_TIMES, value)));
  const count = KEPT * ratio.count + 1;
  const off = ln - ratio.mean;
  const mean = ratio.mean + off / count;
  const variance = (1 - 1 / count) * (ratio.variance + off ** 2 / count);
  return { count, mean, variance };
}
