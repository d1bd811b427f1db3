/**
 * Where a task goes whose agent is found by other means than load balancing. It is kept with the task's
 * requirements, and stands as long as nobody has claimed the task since.
 */
export interface Route {
  readonly by: 'STATIC' | 'PLAN_RETRIEVE' | 'AUCTION';
  /** The task's epoch when it was made. */
  readonly epoch: number;
  /** Who is to have it; `null`: that is still to be chosen. */
  readonly agentId: string | null;
  /** Until then it waits for that agent, ms since the epoch; `null`: for good. */
  readonly until: number | null;
  /** Afterwards anybody eligible gets it; else the choice is made anew. */
  readonly fallback: boolean;
  /** Of an auction: who gets it next if it does not come to an end with that agent, the best first. */
  readonly next?: readonly NextBidder[];
}

/** A bidder that comes next, with what it said and what was made of that. */
export interface NextBidder {
  readonly agentId: string;
  readonly price: number;
  readonly etaMs: number;
  readonly confidence: number;
  readonly probability: number;
}

/** What a route means for a task of this epoch. */
export type Standing =
  /** Anybody eligible may have it. */
  | { readonly kind: 'SHARED' }
  /** An agent is to be chosen before it comes into a lane. */
  | { readonly kind: 'TO_CHOOSE' }
  | { readonly kind: 'ADDRESSED'; readonly agentId: string; readonly until: number | null };

const SHARED: Standing = { kind: 'SHARED' };
const TO_CHOOSE: Standing = { kind: 'TO_CHOOSE' };

/** @param epoch of the task as it is now */
export function standingOf(route: Route | null, epoch: number): Standing {
  if (!route) return SHARED;
  // Who failed it won an auction: the next of it, or another auction, finds who gets it now.
  if (route.epoch !== epoch) return route.fallback && route.by !== 'AUCTION' ? SHARED : TO_CHOOSE;
  if (route.agentId === null) return TO_CHOOSE;
  return { kind: 'ADDRESSED', agentId: route.agentId, until: route.until };
}
