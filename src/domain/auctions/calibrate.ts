import type { Bid } from './bid.js';
import { type BidRecord, NO_BIDS, type Ratio } from './bid-record.js';

/** What a bid is taken for. */
export interface Calibrated {
  /** That the bidder succeeds, from 0 to 1. */
  readonly probability: number;
  readonly price: number;
  readonly etaMs: number;
  /** The time will be between these in eight of ten cases. */
  readonly etaBetweenMs: readonly [number, number];
}

/** What is known of a bidder. */
export interface Evidence {
  /** At this kind of task. */
  readonly kind: BidRecord;
  /** At any. How much it says too much is the bidder's habit, whatever the kind. */
  readonly bidder: BidRecord;
  /** Of all bidders of the organisation: what a new one is taken for. */
  readonly all: BidRecord;
}

export const NO_EVIDENCE: Evidence = { kind: NO_BIDS, bidder: NO_BIDS, all: NO_BIDS };

/** Outcomes that the prior counts for (Beta, n₀): so many of one's own weigh as much. */
const PRIOR = 8;
/**
 * The same for how much a bidder says too much. More, because only those that win are found out: who fails twice at
 * first would be taken for a boaster, win no more, and never show otherwise (S8: 3.2 % regret against 4.6 % with 4).
 */
const HABIT_PRIOR = 16;
/** The 90 % point of the normal distribution: eight of ten lie between its two sides. */
const NINETY = 1.2816;
/** Deviation of ln(real ÷ said) while nothing is known. */
const UNKNOWN_DEVIATION = 0.5;

/**
 * The reported confidence, less what the bidder usually says too much, is where a Beta prior begins; its record at
 * the kind goes on from there. So what a bid says counts, as much as eight outcomes, and what was proven counts more.
 */
export function calibrate({ price, etaMs, confidence }: Bid, { kind, bidder, all }: Evidence): Calibrated {
  const usual = excessOf(all, 0);
  const honest = Math.min(1, Math.max(0, confidence - excessOf(bidder, usual)));
  const probability = (PRIOR * honest + kind.successes) / (PRIOR + kind.outcomes);
  const time = ratioOf(kind.time, all.time);
  const eta = etaMs * Math.exp(time.mean);
  const off = Math.exp(NINETY * time.deviation);
  return {
    probability,
    price: price * Math.exp(ratioOf(kind.price, all.price).mean),
    etaMs: eta,
    etaBetweenMs: [eta / off, eta * off],
  };
}

/** By how much confidence lies above what comes true, shrunk towards what is usual. */
function excessOf({ outcomes, said, successes }: BidRecord, usual: number): number {
  return (HABIT_PRIOR * usual + said - successes) / (HABIT_PRIOR + outcomes);
}

function ratioOf(own: Ratio, all: Ratio): { readonly mean: number; readonly deviation: number } {
  const usual = (all.count * all.mean) / (PRIOR + all.count);
  const mean = (own.count * own.mean + PRIOR * usual) / (own.count + PRIOR);
  const begin = (all.count * all.variance + PRIOR * UNKNOWN_DEVIATION ** 2) / (all.count + PRIOR);
  const variance = (own.count * own.variance + PRIOR * begin) / (own.count + PRIOR);
  return { mean, deviation: Math.sqrt(variance) };
}
