import { type BidRecord, NO_BIDS, withResult } from '../../domain/auctions/bid-record.js';
import { byOrg } from '../../domain/by-org.js';
import type { AuctionRecord, Bidder, BidderKey, EndedAward } from '../../ports/auction-record.js';

/** ETAs below this say nothing in proportion, in ms. */
const LEAST_ETA_MS = 1;

/** Learns from awards that have ended how their bidders keep what they say, and forgets them. One caller at a time. */
export async function learnFromAwards(
  auctions: AuctionRecord,
  ended: readonly EndedAward[],
  now: number,
): Promise<void> {
  for (const [org, ofOrg] of byOrg(ended)) {
    const telling = ofOrg.filter(({ outcome }) => outcome !== null);
    const keys = new Map<string, BidderKey>();
    for (const award of telling) for (const key of keysOf(award)) keys.set(nameOf(key), key);
    const known = await auctions.readBidders(org, [...keys.values()]);
    const records = new Map<string, BidRecord>(known.map((bidder) => [nameOf(bidder), bidder.record]));
    for (const award of telling) {
      for (const key of keysOf(award)) {
        const name = nameOf(key);
        records.set(name, withResult(records.get(name) ?? NO_BIDS, resultOf(award)));
      }
    }
    const bidders = [...keys].map(([name, key]): Bidder => {
      return { ...key, org, record: records.get(name) ?? NO_BIDS, updateTime: now };
    });
    await auctions.settleAwards(ofOrg, bidders);
  }
}

function resultOf({ outcome, confidence, probability, etaMs, tookMs }: EndedAward) {
  const succeeded = outcome === 'SUCCEEDED';
  const timeRatio = succeeded ? tookMs / Math.max(LEAST_ETA_MS, etaMs) : null;
  return { succeeded, said: confidence, probability, timeRatio, priceRatio: null };
}

/** On the kind, on all kinds, and of all bidders. */
function keysOf({ agentId, kind }: EndedAward): readonly BidderKey[] {
  return [
    { agentId, kind },
    { agentId, kind: '' },
    { agentId: '', kind: '' },
  ];
}

function nameOf({ agentId, kind }: BidderKey): string {
  return `${agentId} ${kind}`;
}
