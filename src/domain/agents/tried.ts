import { isFailing, isRecent, type Standing, type Tries } from './guard.js';

/** Counts the agents that have tried a kind lately, and those that fail at it, without a look at each of them. */
export class Tried {
  /** When each tried last; who has not for the longest time is the first. */
  readonly #last = new Map<string, number>();
  readonly #failing = new Set<string>();

  /** To be told how an agent stands after each of its attempts. */
  note(agentId: string, standing: Standing): void {
    const { lastAttempt } = standing;
    if (this.#last.get(agentId) !== lastAttempt) {
      this.#last.delete(agentId);
      this.#last.set(agentId, lastAttempt);
    }
    if (isFailing(standing)) this.#failing.add(agentId);
    else this.#failing.delete(agentId);
  }

  forget(agentId: string): void {
    this.#last.delete(agentId);
    this.#failing.delete(agentId);
  }

  count(now: number): Tries {
    for (const [agentId, at] of this.#last) {
      if (isRecent(at, now)) break;
      this.forget(agentId);
    }
    return { tried: this.#last.size, failing: this.#failing.size };
  }
}
