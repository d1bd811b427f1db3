/** A bid as it is ranked. */
export interface ScoredBid {
  readonly agentId: string;
  /** The highest wins. Of a scoring expression, else the expected utility. */
  readonly score: number;
  /** Tasks in flight ÷ slots. */
  readonly load: number;
}

/** The best first; ties by the least load, then by the agent's id. A score that is no number is no bid. */
export function ranked<B extends ScoredBid>(bids: Iterable<B>): B[] {
  return [...bids].filter(({ score }) => Number.isFinite(score)).sort(byScore);
}

function byScore(a: ScoredBid, b: ScoredBid): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.load !== b.load) return a.load - b.load;
  if (a.agentId === b.agentId) return 0;
  return a.agentId < b.agentId ? -1 : 1;
}

/** How an auction ends. */
export type Award<B extends ScoredBid> =
  | { readonly outcome: 'AWARDED'; readonly bid: B; readonly runnerUp: B | null }
  /** Nobody has bid, or nothing that counts: the fallback decides. */
  | { readonly outcome: 'NO_BID' }
  /** All who have bid were tried: the fallback decides. */
  | { readonly outcome: 'NOBODY_LEFT' };

/** Who gets the task. @param tried agents that it was awarded to and that failed, declined or went away */
export function award<B extends ScoredBid>(ranking: readonly B[], tried: ReadonlySet<string>): Award<B> {
  if (ranking.length === 0) return { outcome: 'NO_BID' };
  const left = ranking.filter(({ agentId }) => !tried.has(agentId));
  const [bid, runnerUp = null] = left;
  return bid ? { outcome: 'AWARDED', bid, runnerUp } : { outcome: 'NOBODY_LEFT' };
}
