import type { BidRecord } from '../domain/auctions/bid-record.js';
import type { Claim } from '../domain/tasks/lease.js';

/** A task that an auction gave to an agent, until it is known what came of it. `epoch` is that of the claim to come. */
export interface Award extends Claim {
  readonly agentId: string;
  readonly kind: string;
  /** As the agent said it. */
  readonly etaMs: number;
  readonly confidence: number;
  readonly price: number;
  /** What was made of its confidence. */
  readonly probability: number;
  /** Ms since the epoch. */
  readonly awardTime: number;
}

/** What came of an award. */
export interface EndedAward extends Award {
  /** `null`: nothing that tells of its agent: it did not have the task, or gave it back. */
  readonly outcome: 'SUCCEEDED' | 'FAILED' | null;
  /** From the award to the end, in ms. */
  readonly tookMs: number;
}

/** A bidder on a kind of task. An empty kind: on all kinds; an empty agent: all bidders on all kinds. */
export interface BidderKey {
  readonly agentId: string;
  readonly kind: string;
}

/** How a bidder has kept what it said. */
export interface Bidder extends BidderKey {
  readonly org: string;
  readonly record: BidRecord;
  /** Ms since the epoch. */
  readonly updateTime: number;
}

export interface BidderQuery {
  readonly org: string;
  /** Only of this agent, this kind. `null`: of all. */
  readonly agentId: string | null;
  readonly kind: string | null;
  /** After this one, by kind and agent. `null`: from the first. */
  readonly after: BidderKey | null;
  readonly limit: number;
}

/** Names an award, in the order in which they were made. */
export interface AwardCursor {
  readonly awardTime: number;
  readonly taskId: string;
  readonly epoch: number;
}

/** What is kept of auctions beside the trails of tasks: awards whose end is to be seen, and what bidders are worth. */
export interface AuctionRecord {
  /** One of the same epoch replaces the one before. */
  putAwards(awards: readonly Award[]): Promise<void>;
  /** Looks at `limit` awards of all organisations, oldest first: those that have ended. */
  listEndedAwards(
    after: AwardCursor | null,
    limit: number,
  ): Promise<{ readonly ended: readonly EndedAward[]; readonly cursor: AwardCursor | null }>;
  /** Forgets awards and keeps what was learned from them, at once; only one coordinator does so at a time. */
  settleAwards(awards: readonly Award[], bidders: readonly Bidder[]): Promise<void>;
  /** Those that are not there never bid. */
  readBidders(org: string, keys: readonly BidderKey[]): Promise<readonly Bidder[]>;
  listBidders(query: BidderQuery): Promise<readonly Bidder[]>;
  /** Forgets bidders that nothing was learned of for so long, and awards that are as old. */
  forgetBidders(olderThanMs: number): Promise<void>;
}

/** Where nobody auctions. */
export const NO_AUCTION_RECORD: AuctionRecord = {
  putAwards: async () => undefined,
  listEndedAwards: async () => ({ ended: [], cursor: null }),
  settleAwards: async () => undefined,
  readBidders: async () => [],
  listBidders: async () => [],
  forgetBidders: async () => undefined,
};
