import type { Claim } from '../domain/tasks/lease.js';
import type { Clock } from '../ports/clock.js';
import type { LeaseHint } from '../ports/ready-index.js';

/**
 * How long the first hint of a claim is kept here before it is written, in ms. Most tasks are done
 * before, and no hint of them is ever written, or dropped. What dies with the coordinator is
 * told again by the reconciler, which goes round the slots in use.
 */
const KEPT_MS = 500;

interface Kept {
  hint: LeaseHint;
  /** Monotonic, ms. */
  readonly since: number;
}

/** First hints of claims, which wait whether their tasks are done soon. */
export class LeaseHints {
  readonly #clock: Clock;
  readonly #write: (hints: readonly LeaseHint[]) => void;
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>();
  #stopTimer: (() => void) | null = null;

  constructor(clock: Clock, write: (hints: readonly LeaseHint[]) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Keeps first hints of claims. @returns those that are due too soon for that */
  keep(hints: readonly LeaseHint[]): readonly LeaseHint[] {
    const since = this.#clock.monotonic();
    const soon = hints.filter((hint) => {
      if (this.#isSoon(hint)) return true;
      this.#kept.set(keyOf(hint), { hint, since });
      return false;
    });
    if (this.#kept.size > 0) this.#stopTimer ??= this.#clock.after(KEPT_MS, () => this.#writeOld());
    return soon;
  }

  /**
   * Takes in later hints of claims whose first ones are kept.
   *
   * @param loaded what is kept stands; see `ReadyIndex.hintLeases`
   * @returns the others, which are to be written
   */
  take(hints: readonly LeaseHint[], loaded: boolean): readonly LeaseHint[] {
    return hints.filter((hint) => {
      const key = keyOf(hint);
      const kept = this.#kept.get(key);
      if (kept?.hint.epoch !== hint.epoch) return true;
      if (loaded) return false;
      kept.hint = hint;
      return this.#isSoon(hint) && this.#kept.delete(key);
    });
  }

  /** Forgets what is kept of claims that have ended. @returns those of which something may be written */
  drop(claims: readonly Claim[]): readonly Claim[] {
    return claims.filter((claim) => {
      const key = keyOf(claim);
      const kept = this.#kept.get(key);
      if (!kept || kept.hint.epoch > claim.epoch) return true;
      this.#kept.delete(key);
      return kept.hint.epoch < claim.epoch;
    });
  }

  /** Writes all that is kept. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#write([...this.#kept.values()].map(({ hint }) => hint));
    this.#kept.clear();
  }

  #isSoon({ due }: LeaseHint): boolean {
    return due - this.#clock.now() < 2 * KEPT_MS;
  }

  #writeOld(): void {
    this.#stopTimer = null;
    const now = this.#clock.monotonic();
    const old: LeaseHint[] = [];
    for (const [key, { hint, since }] of this.#kept) {
      if (since + KEPT_MS > now) {
        this.#stopTimer = this.#clock.after(since + KEPT_MS - now, () => this.#writeOld());
        break;
      }
      this.#kept.delete(key);
      old.push(hint);
    }
    this.#write(old);
  }
}

function keyOf({ org, taskId }: Claim): string {
  return `${org} ${taskId}`;
}
