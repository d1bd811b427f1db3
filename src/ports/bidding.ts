import type { Bid } from '../domain/auctions/bid.js';

/** Agents are asked what they would do a task for. */
export interface BidCall {
  readonly org: string;
  readonly taskId: string;
  /** The whole spec. */
  readonly body: Uint8Array;
  /** Those who may get it. */
  readonly agentIds: readonly string[];
  /** How long they have, in ms. */
  readonly withinMs: number;
}

/** What an agent answered. */
export type BidAnswer =
  | { readonly kind: 'BID'; readonly bid: Bid }
  /** It does not want it. */
  | { readonly kind: 'PASSED' }
  | { readonly kind: 'INVALID'; readonly message: string }
  | { readonly kind: 'LATE' }
  /** None of its processes bids. */
  | { readonly kind: 'CANNOT_BID' }
  | { readonly kind: 'NO_BID' };

/** Asks agents for sealed bids, wherever they are connected. */
export interface Bidding {
  /** One list a call, an answer for each of its agents, in order; when all have answered or the time is over. */
  ask(calls: readonly BidCall[]): Promise<readonly (readonly BidAnswer[])[]>;
}

/** Where nobody can be asked. */
export const NO_BIDDING: Bidding = {
  ask: async (calls) => calls.map(({ agentIds }) => agentIds.map(() => ({ kind: 'CANNOT_BID' }))),
};
