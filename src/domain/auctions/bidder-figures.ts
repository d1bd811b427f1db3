import type { BidRecord } from './bid-record.js';
import { calibrationErrorOf } from './bins.js';

/** How a bidder's word has held, for people. */
export interface BidderFigures {
  /** Outcomes that count. */
  readonly outcomes: number;
  readonly successRate: number;
  /** By how much it says too much (below 0: too little). */
  readonly overconfidence: number;
  /** Brier score of what it said, and of what was made of it: 0 is perfect, 0.25 is what "one half" always gets. */
  readonly saidBrier: number;
  readonly brier: number;
  /** How far what was made of it lies from what came true. */
  readonly calibrationError: number;
  /** Real ÷ said, the geometric mean; 1 while nothing is known. */
  readonly timeRatio: number;
  readonly priceRatio: number;
}

/** `null`: none of its bids has come out yet. */
export function figuresOf(record: BidRecord): BidderFigures | null {
  const { outcomes, successes, said, saidSquared, squared, bins, time, price } = record;
  const calibrationError = calibrationErrorOf(bins);
  if (outcomes === 0 || calibrationError === null) return null;
  return {
    outcomes,
    successRate: successes / outcomes,
    overconfidence: (said - successes) / outcomes,
    saidBrier: saidSquared / outcomes,
    brier: squared / outcomes,
    calibrationError,
    timeRatio: Math.exp(time.mean),
    priceRatio: Math.exp(price.mean),
  };
}
