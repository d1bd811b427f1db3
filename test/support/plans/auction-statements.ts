import { v7 } from 'uuid';
import { NO_BIDS } from '../../../src/domain/auctions/bid-record.js';
import type { AuctionRecord } from '../../../src/ports/auction-record.js';

/** Runs each statement of auctions. */
export async function runAuctionStatements(auctions: AuctionRecord): Promise<void> {
  const award = {
    ...{ org: 'o', taskId: v7(), epoch: 1, agentId: 'a', kind: 'k' },
    ...{ price: 0, etaMs: 1, confidence: 0.5, probability: 0.5, awardTime: Date.now() },
  };
  await auctions.putAwards([award]);
  await auctions.listEndedAwards(null, 10);
  await auctions.settleAwards(
    [award],
    [{ org: 'o', kind: 'k', agentId: 'a', record: NO_BIDS, updateTime: 0 }],
  );
  await auctions.readBidders('o', [{ agentId: 'a', kind: 'k' }]);
  await auctions.listBidders({ org: 'o', agentId: null, kind: null, after: null, limit: 10 });
  await auctions.forgetBidders(3_600_000);
}
