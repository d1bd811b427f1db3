import { durationMs } from '@bufbuild/protobuf/wkt';
import type {
  AuctionBid,
  Auction as AuctionMessage,
  Bidder as BidderMessage,
} from '../gen/reeve/v1/auction_pb.js';
import { dateOf } from '../views.js';

/** What became of a bid. What a later server adds comes as it is. */
export type BidFate =
  | 'COUNTED'
  | 'HAS_ONE_WAITING'
  | 'OVER_PRICE'
  | 'PASSED'
  | 'NO_BID'
  | 'LATE'
  | 'CANNOT_BID'
  | 'INVALID'
  | (string & {});

/** A bid, and what was made of it by what its agent was worth so far. What is not known is left out. */
export interface ExplainedBid {
  readonly agentId: string;
  readonly fate: BidFate;
  /** With INVALID: what is wrong with it. Else empty. */
  readonly message: string;
  readonly price?: number;
  readonly etaMs?: number;
  readonly confidence?: number;
  readonly note: string;
  /** How likely it succeeds, what it costs and when it is done, by its record. */
  readonly probability?: number;
  readonly expectedPrice?: number;
  readonly expectedEtaMs?: number;
  /** The highest wins. */
  readonly score?: number;
  readonly load: number;
}

/** An auction of a task. */
export interface AuctionInfo {
  /** The agents were asked; else their bids were computed. */
  readonly live: boolean;
  /** Why they were computed where they were to be asked for; else empty. */
  readonly instead: string;
  readonly value: number;
  readonly hourCost: number;
  readonly maxPrice?: number;
  /** Empty: nobody. */
  readonly winnerAgentId: string;
  /** How long the task waits for it at most, in ms. Left out: it was free. */
  readonly waitsMs?: number;
  /** The best first; then those that came to nothing. */
  readonly bids: readonly ExplainedBid[];
  /** Bids beyond the first 100. */
  readonly more: number;
  readonly holdTime: Date;
}

/** How an agent has kept what it bid for a kind of task; old outcomes count less. */
export interface BidderInfo {
  /** Empty: all of the organisation together. */
  readonly agentId: string;
  /** Empty: at all kinds. */
  readonly kind: string;
  readonly outcomes: number;
  readonly successRate: number;
  /** By how much its confidence lies above its success rate. */
  readonly overconfidence: number;
  /** Brier scores of what it said, and of what was made of it: 0 is perfect, 0.25 is what one half always gets. */
  readonly saidBrier: number;
  readonly brier: number;
  readonly calibrationError: number;
  /** Real ÷ said time. */
  readonly timeRatio: number;
  readonly updateTime: Date;
}

/** Which bidders to list. All that is set must hold. */
export interface BidderQuery {
  readonly agentId?: string;
  readonly kind?: string;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

export function auctionInfo(message: AuctionMessage): AuctionInfo {
  const { live, instead, value, hourCost, maxPrice, winnerAgentId, waits, more } = message;
  return {
    ...{ live, instead, value, hourCost, winnerAgentId, more },
    ...(maxPrice !== undefined && { maxPrice }),
    ...(waits && { waitsMs: durationMs(waits) }),
    bids: message.bids.map(bidInfo),
    holdTime: dateOf(message.holdTime),
  };
}

function bidInfo(bid: AuctionBid): ExplainedBid {
  const { agentId, fate, message, note, load, price, confidence, probability, score, expectedPrice } = bid;
  return {
    ...{ agentId, fate, message, note, load },
    ...(price !== undefined && { price }),
    ...(confidence !== undefined && { confidence }),
    ...(probability !== undefined && { probability }),
    ...(score !== undefined && { score }),
    ...(expectedPrice !== undefined && { expectedPrice }),
    ...(bid.eta && { etaMs: durationMs(bid.eta) }),
    ...(bid.expectedEta && { expectedEtaMs: durationMs(bid.expectedEta) }),
  };
}

export function bidderInfo({ $typeName: _, $unknown: __, updateTime, ...bidder }: BidderMessage): BidderInfo {
  return { ...bidder, updateTime: dateOf(updateTime) };
}
