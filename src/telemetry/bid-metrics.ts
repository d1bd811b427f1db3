import { Counter, type Registry } from 'prom-client';
import type { Bidding } from '../ports/bidding.js';

/** Told what became of a bid that an agent was asked for, or made without being asked. */
export type CountBid = (outcome: string) => void;

/** What agents answer when they are asked for bids. */
export function createBidMetrics(registry: Registry): CountBid {
  const bids = new Counter({
    name: 'reeve_bids_total',
    help: 'Live bids; outcome: bid, passed, no_bid, cannot_bid, or why one counted for nothing',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (outcome) => bids.inc({ outcome: outcome.toLowerCase() });
}

/** The same; what agents answer is counted. */
export function countedBids(bidding: Bidding, count: CountBid): Bidding {
  return {
    async ask(calls) {
      const answers = await bidding.ask(calls);
      for (const { kind } of answers.flat()) if (kind !== 'INVALID') count(kind);
      return answers;
    },
  };
}
