import { NO_BIDS } from '../../domain/auctions/bid-record.js';
import type { Evidence } from '../../domain/auctions/calibrate.js';
import type { AuctionRecord, BidderKey } from '../../ports/auction-record.js';

/** What is known of a bidder on a kind of task. */
export type EvidenceOf = (agentId: string, kind: string) => Evidence;

/** Reads what is known of bidders, for all kinds at once. */
export async function readEvidence(
  auctions: Pick<AuctionRecord, 'readBidders'>,
  org: string,
  asked: readonly { readonly kind: string; readonly agentIds: readonly string[] }[],
): Promise<EvidenceOf> {
  const keys = new Map<string, BidderKey>();
  const want = (agentId: string, kind: string) => keys.set(nameOf(agentId, kind), { agentId, kind });
  want('', '');
  for (const { kind, agentIds } of asked) {
    for (const agentId of agentIds) {
      want(agentId, kind);
      want(agentId, '');
    }
  }
  const found = await auctions.readBidders(org, [...keys.values()]);
  const records = new Map(found.map(({ agentId, kind, record }) => [nameOf(agentId, kind), record]));
  const recordOf = (agentId: string, kind: string) => records.get(nameOf(agentId, kind)) ?? NO_BIDS;
  return (agentId, kind) => ({
    kind: recordOf(agentId, kind),
    bidder: recordOf(agentId, ''),
    all: recordOf('', ''),
  });
}

function nameOf(agentId: string, kind: string): string {
  return `${agentId} ${kind}`;
}
