/** When a task would be done by an agent. */
export interface Prospect {
  readonly agentId: string;
  /** When it is expected to have a slot, in ms from now; 0: it has one. */
  readonly freeInMs: number;
  /** How long the task takes it from then on, its context being warm; ms. 0 for all if nothing is known. */
  readonly takesMs: number;
  /** A task waits for it as it is: one each is enough. */
  readonly isAwaited: boolean;
}

/** The agent that has a task's context, and for how long at most the task is held for it; 0: it is free. */
export interface WarmChoice {
  readonly agentId: string;
  readonly forMs: number;
}

/**
 * Whether a task of an affinity key goes to an agent that has its context, rather than to the one that the strategy
 * names. It does if it is expected to be done no later there, a cold start being worth what the organisation says,
 * and the agent to be free within that. Where nobody is free it would wait anyhow: then it is held for the one that
 * is expected to end it first, until its turn would have come and for as long as a cold start takes after that. (S10:
 * of the steps that could, 10 % ran warm while only those were held that were next.) `null`: it goes to the other, or
 * waits for whoever is free first.
 *
 * @param warm agents that did a task of the same key lately
 * @param other who else would get it now; `null`: nobody is free
 * @param turnInMs where nobody is free, when its turn is expected: the first of its lane has waited for so long
 */
export function warmChoice(
  warm: Iterable<Prospect>,
  other: Pick<Prospect, 'takesMs'> | null,
  coldStartMs: number,
  turnInMs = 0,
): WarmChoice | null {
  let best: WarmChoice | null = null;
  const mostMs = coldStartMs + (other === null ? Math.max(0, turnInMs) : 0);
  let soonest = other === null ? Number.POSITIVE_INFINITY : other.takesMs + coldStartMs;
  for (const { agentId, freeInMs, takesMs, isAwaited } of warm) {
    const isBusy = freeInMs > 0;
    if (isBusy && (isAwaited || coldStartMs === 0 || (other && freeInMs > coldStartMs))) continue;
    const doneMs = freeInMs + takesMs;
    // The first of two that are alike.
    if (doneMs > soonest || (doneMs === soonest && best !== null)) continue;
    best = { agentId, forMs: isBusy ? mostMs : 0 };
    soonest = doneMs;
  }
  return best;
}
