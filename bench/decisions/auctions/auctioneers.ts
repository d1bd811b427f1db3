import { award, ranked } from '../../../src/domain/auctions/award.js';
import { type BidRecord, NO_BIDS, withResult } from '../../../src/domain/auctions/bid-record.js';
import { type Calibrated, calibrate } from '../../../src/domain/auctions/calibrate.js';
import { expectedUtility, type Worth } from '../../../src/domain/auctions/utility.js';
import type { Random } from '../chance/random.js';
import type { Round, TrueBid } from './bidders.js';

/** What success is worth in the unit of prices, and what an hour costs. */
export const WORTH: Worth = { value: 1, perHour: 0 };

export interface Chosen {
  readonly bid: TrueBid;
  /** What it was taken for. */
  readonly taken: Calibrated;
}

/** Who gets what is auctioned. */
export interface Auctioneer {
  choose(round: Round): Chosen;
  /** How that came out. */
  ended(round: Round, chosen: Chosen): void;
}

/** What is true of a bid, in expectation. */
export function trueUtility({ bid, probability, tookMs }: TrueBid): number {
  return expectedUtility({ probability, price: bid.price, etaMs: tookMs }, WORTH);
}

/** The product: bids are taken for what their bidders' records make of them. */
export function reeve(): Auctioneer {
  const records = new Map<string, BidRecord>();
  const of = (name: string) => records.get(name) ?? NO_BIDS;
  const namesOf = ({ kind }: Round, { agentId }: TrueBid) => {
    return { kind: `${agentId}/${kind}`, bidder: agentId, all: '' };
  };
  return {
    choose(round) {
      return best(round, (bid) => {
        const { kind, bidder, all } = namesOf(round, bid);
        const taken = calibrate(bid.bid, { kind: of(kind), bidder: of(bidder), all: of(all) });
        return { taken, score: expectedUtility(taken, WORTH) };
      });
    },
    ended(round, { bid, taken }) {
      const { succeeds, tookMs } = bid;
      const result = {
        succeeded: succeeds,
        said: bid.bid.confidence,
        probability: taken.probability,
        timeRatio: succeeds ? tookMs / bid.bid.etaMs : null,
        priceRatio: 1,
      };
      for (const name of Object.values(namesOf(round, bid))) records.set(name, withResult(of(name), result));
    },
  };
}

/** Takes every bid at its word. */
export const trusting = () => byScore((bid) => expectedUtility(atItsWord(bid), WORTH));
export const cheapest = () => byScore(({ bid }) => -bid.price);
export const anyone = (roll: Random) => byScore(() => roll());
/** Knows what nobody can. */
export const clairvoyant = () => byScore(trueUtility, asItIs);

function byScore(scoreOf: (bid: TrueBid) => number, take = atItsWord): Auctioneer {
  return {
    choose: (round) => best(round, (bid) => ({ taken: take(bid), score: scoreOf(bid) })),
    ended() {},
  };
}

function asItIs({ bid: { price }, probability, tookMs }: TrueBid): Calibrated {
  return { probability, price, etaMs: tookMs, etaBetweenMs: [tookMs, tookMs] };
}

function atItsWord({ bid: { confidence, price, etaMs } }: TrueBid): Calibrated {
  return { probability: confidence, price, etaMs, etaBetweenMs: [etaMs, etaMs] };
}

function best(
  { bids }: Round,
  judge: (bid: TrueBid) => { readonly taken: Calibrated; readonly score: number },
): Chosen {
  const ranking = ranked(bids.map((bid) => ({ agentId: bid.agentId, load: 0, bid, ...judge(bid) })));
  const awarded = award(ranking, new Set());
  if (awarded.outcome !== 'AWARDED') throw new Error(`nobody won: ${awarded.outcome}`);
  return awarded.bid;
}
