import { type Bid, BidSchema, type Bids } from '@reeve/sdk/protocol';
import { msOf } from '../mapping/time.js';
import type { SaidBid } from './bid-book.js';
import type { SessionContext } from './session-context.js';

/** What an agent says in Hello that answers requests for bids. */
export const BIDS_FEATURE = 'bids';

/** Hands bids to whoever asked for them. One that breaks its rules counts for nothing, and its auction is told why. */
export function receiveBids({ world, org, peer }: SessionContext, { bids }: Pick<Bids, 'bids'>): void {
  const said = bids.map((bid): SaidBid => {
    const { auctionId, pass } = bid;
    if (pass) return { auctionId, bid: null };
    const [violation] = world.check(BidSchema, bid);
    if (violation) return { auctionId, bid: null, problem: `${violation.field} ${violation.description}` };
    return toSaidBid(bid);
  });
  world.onBids(org, peer.agentId, said);
}

function toSaidBid({ auctionId, price, eta, confidence, note }: Bid): SaidBid {
  const etaMs = msOf(eta);
  if (etaMs === null) return { auctionId, bid: null, problem: 'eta must be set' };
  return { auctionId, bid: { price, etaMs, confidence, note } };
}
