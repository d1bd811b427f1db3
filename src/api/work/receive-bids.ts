import type { Bids } from '@reeve/sdk/protocol';
import { msOf } from '../mapping/time.js';
import { toSaidBid } from './bid-book.js';
import type { SessionContext } from './session-context.js';

/** Hands bids to whoever asked for them. */
export function receiveBids({ world, org, peer }: SessionContext, { bids }: Pick<Bids, 'bids'>): void {
  const said = bids.map(({ eta, ...bid }) => toSaidBid({ ...bid, etaMs: msOf(eta) }));
  world.onBids(org, peer.agentId, said);
}
