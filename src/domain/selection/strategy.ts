/** A connected process of an eligible agent, as strategies see it. */
export interface Candidate {
  readonly agentId: string;
  readonly sessionId: string;
  readonly slots: number;
  readonly inFlight: number;
  /** When it was last chosen: a number that rises with every choice; 0 if never. */
  readonly lastChosen: number;
}

/** Compares two candidates: negative if `a` is to be chosen before `b`. Total, so that equal states choose alike. */
export type Strategy = (a: Candidate, b: Candidate) => number;

/** The candidate that a strategy ranks first; `null` if there is none. */
export function first<C extends Candidate>(candidates: Iterable<C>, strategy: Strategy): C | null {
  let best: C | null = null;
  for (const c of candidates) if (best === null || strategy(c, best) < 0) best = c;
  return best;
}
