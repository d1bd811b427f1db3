import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AuctionBidSchema, AuctionSchema, BidderSchema } from '@reeve/sdk/protocol';
import { figuresOf } from '../../domain/auctions/bidder-figures.js';
import type { BidEntry } from '../../domain/auctions/trail.js';
import type { HeldAuction } from '../../domain/explain/explanation.js';
import type { Bidder } from '../../ports/auction-record.js';
import { durationOf, timestampOf } from './time.js';

export function toProtoAuction(auction: HeldAuction): MessageInitShape<typeof AuctionSchema> {
  const { bids_are, instead = '', value, hour_cost, max_price, winner, waits_ms, bids, more, time } = auction;
  return {
    ...{ live: bids_are === 'LIVE', instead, value, hourCost: hour_cost, winnerAgentId: winner, more },
    ...(max_price !== undefined && { maxPrice: max_price }),
    ...(waits_ms !== undefined && { waits: durationOf(waits_ms) }),
    bids: bids.map(toProtoBid),
    holdTime: timestampOf(time),
  };
}

function toProtoBid(bid: BidEntry): MessageInitShape<typeof AuctionBidSchema> {
  const {
    agent_id: agentId,
    fate,
    message = '',
    note = '',
    price,
    confidence,
    probability,
    score,
    load = 0,
  } = bid;
  const { eta_ms: etaMs, expected_price: expectedPrice, expected_eta_ms: expectedEtaMs } = bid;
  return {
    ...{ agentId, fate, message, note, load },
    ...(price !== undefined && { price }),
    ...(confidence !== undefined && { confidence }),
    ...(probability !== undefined && { probability }),
    ...(score !== undefined && { score }),
    ...(expectedPrice !== undefined && { expectedPrice }),
    ...(etaMs !== undefined && { eta: durationOf(etaMs) }),
    ...(expectedEtaMs !== undefined && { expectedEta: durationOf(expectedEtaMs) }),
  };
}

/** Nothing where none of its bids has come out yet. */
export function toProtoBidder(bidder: Bidder): readonly MessageInitShape<typeof BidderSchema>[] {
  const { agentId, kind, record, updateTime } = bidder;
  const figures = figuresOf(record);
  if (!figures) return [];
  const { priceRatio: _, ...told } = figures;
  return [{ agentId, kind, ...told, updateTime: timestampOf(updateTime) }];
}
