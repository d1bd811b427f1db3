import type { AuctionTerms } from './terms.js';

/** What became of a bid. */
export type BidFate =
  /** It was ranked. */
  | 'COUNTED'
  /** It was ranked, and its agent has a task waiting for it already, which is as many as may wait. */
  | 'HAS_ONE_WAITING'
  /** It asks for more than the auction pays. */
  | 'OVER_PRICE'
  /** The agent does not want it. */
  | 'PASSED'
  /** None came in time. */
  | 'NO_BID'
  /** It came after the time. */
  | 'LATE'
  /** The agent cannot bid: it has no process that does. */
  | 'CANNOT_BID'
  /** It is not in range, or its expression has failed: `message` says how. */
  | 'INVALID';

/** A bid as the trail keeps it, snake_case as all of it. What is not known is left out. */
export interface BidEntry {
  readonly agent_id: string;
  readonly fate: BidFate;
  readonly message?: string;
  readonly price?: number;
  readonly eta_ms?: number;
  readonly confidence?: number;
  readonly note?: string;
  /** What was made of it. */
  readonly probability?: number;
  readonly expected_price?: number;
  readonly expected_eta_ms?: number;
  /** The highest wins. */
  readonly score?: number;
  /** Tasks in flight ÷ slots. */
  readonly load?: number;
}

/** An auction as the trail of its task keeps it. */
export interface AuctionTrail {
  readonly bids_are: AuctionTerms['bids'];
  /** Why they are computed where they were to be live; else left out. */
  readonly instead?: string;
  readonly value: number;
  readonly hour_cost: number;
  readonly max_price?: number;
  /** Empty: nobody. */
  readonly winner: string;
  /** How long the task waits for it at most, in ms: it is not free. Left out: it is. */
  readonly waits_ms?: number;
  /** Ranked first, at most 100. */
  readonly bids: readonly BidEntry[];
  /** Those that are not told of. */
  readonly more: number;
  readonly took_ms: number;
}

export const MOST_BIDS_KEPT = 100;
/** Of a note. */
const MOST_WORDS = 200;

/** Without what is too long to keep. */
export function keptBids(bids: readonly BidEntry[]): Pick<AuctionTrail, 'bids' | 'more'> {
  const kept = bids.slice(0, MOST_BIDS_KEPT).map((bid) => {
    return bid.note === undefined ? bid : { ...bid, note: bid.note.slice(0, MOST_WORDS) };
  });
  return { bids: kept, more: bids.length - kept.length };
}
