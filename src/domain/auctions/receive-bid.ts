import { type Bid, type BidFault, faultOf } from './bid.js';

/** An auction while bids come in: sealed, nobody is told of the others'. */
export interface OpenAuction {
  readonly taskId: string;
  /** The agents that were asked. */
  readonly asked: ReadonlySet<string>;
  /** Until when bids count; ms on the clock of the coordinator. */
  readonly closesAt: number;
  /** Bids so far, by agent. */
  readonly bids: ReadonlyMap<string, Bid>;
}

export interface OfferedBid {
  readonly taskId: string;
  readonly agentId: string;
  readonly bid: Bid;
  readonly at: number;
}

/** What became of a bid, as the trail keeps it. */
export type BidOutcome =
  | { readonly outcome: 'COUNTED' }
  /** For a task that no auction is open for, or not this one. */
  | { readonly outcome: 'NOT_ASKED_FOR' }
  /** By an agent that was not asked. */
  | { readonly outcome: 'NOT_IN_POOL' }
  | { readonly outcome: 'LATE'; readonly lateMs: number }
  /** The first one stands: who could bid again would learn from the answer. */
  | { readonly outcome: 'SECOND_BID' }
  | { readonly outcome: 'INVALID'; readonly fault: BidFault };

/** @param auction `undefined`: none is open for the task */
export function outcomeOf(auction: OpenAuction | undefined, offered: OfferedBid): BidOutcome {
  if (!auction || auction.taskId !== offered.taskId) return { outcome: 'NOT_ASKED_FOR' };
  if (!auction.asked.has(offered.agentId)) return { outcome: 'NOT_IN_POOL' };
  if (offered.at > auction.closesAt) return { outcome: 'LATE', lateMs: offered.at - auction.closesAt };
  if (auction.bids.has(offered.agentId)) return { outcome: 'SECOND_BID' };
  const fault = faultOf(offered.bid);
  return fault ? { outcome: 'INVALID', fault } : { outcome: 'COUNTED' };
}

/** Whether everybody who was asked has bid: nothing is left to wait for. */
export function isComplete({ asked, bids }: Pick<OpenAuction, 'asked' | 'bids'>): boolean {
  return bids.size >= asked.size;
}

/** Who was asked and has not bid, by id. */
export function silent({ asked, bids }: Pick<OpenAuction, 'asked' | 'bids'>): readonly string[] {
  return [...asked].filter((agentId) => !bids.has(agentId)).sort();
}
