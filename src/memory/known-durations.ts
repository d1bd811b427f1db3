import { type DurationTally, medianOf } from '../domain/order/expected-duration.js';
import { type LearnedDuration, MAX_KINDS } from '../ports/duration-record.js';

/** Kinds of one organisation, those that were heard of last at the end. */
interface Kinds {
  readonly byKind: Map<string, LearnedDuration>;
  /** Of what is expected; `undefined`: to be found anew. */
  median: number | null | undefined;
}

/** What one coordinator keeps of what was learned, as much as it may: those go that were heard of the longest ago. */
export class KnownDurations {
  readonly #byOrg = new Map<string, Kinds>();
  readonly #most: number;
  #size = 0;

  /** @param most kinds, of all organisations */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  tallyOf(org: string, kind: string): DurationTally | undefined {
    return this.#byOrg.get(org)?.byKind.get(kind);
  }

  /** In ms; of a kind of which too little is known, the median of its organisation's. `null`: nothing is known. */
  expectedMs(org: string, kind: string): number | null {
    const kinds = this.#byOrg.get(org);
    if (!kinds) return null;
    const own = kinds.byKind.get(kind)?.expectedMs ?? null;
    if (own !== null) return own;
    if (kinds.median === undefined) {
      kinds.median = medianOf([...kinds.byKind.values()].flatMap((one) => one.expectedMs ?? []));
    }
    return kinds.median;
  }

  put(learned: LearnedDuration): void {
    const { org, kind } = learned;
    const kinds = this.#byOrg.get(org) ?? { byKind: new Map<string, LearnedDuration>(), median: undefined };
    const before = kinds.byKind.get(kind);
    if (before?.expectedMs !== learned.expectedMs) kinds.median = undefined;
    this.#byOrg.delete(org);
    this.#byOrg.set(org, kinds);
    if (kinds.byKind.delete(kind)) this.#size--;
    kinds.byKind.set(kind, learned);
    this.#size++;
    if (kinds.byKind.size > MAX_KINDS) this.#forgetFirst(kinds);
    if (this.#size > this.#most) this.#makeRoom();
  }

  #makeRoom(): void {
    for (const [org, kinds] of this.#byOrg) {
      this.#forgetFirst(kinds);
      if (kinds.byKind.size === 0) this.#byOrg.delete(org);
      return;
    }
  }

  #forgetFirst(kinds: Kinds): void {
    for (const kind of kinds.byKind.keys()) {
      kinds.byKind.delete(kind);
      kinds.median = undefined;
      this.#size--;
      return;
    }
  }
}
