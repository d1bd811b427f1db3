import type { OrgSnapshot } from '../ports/org-rules.js';

/** What is known of one organisation's rules. */
export interface Rules {
  readonly org: string;
  /** `null`: not read yet. */
  snapshot: OrgSnapshot | null;
  /** Characters of all that is in it. */
  length: number;
  /** The read that is under way, and the one that comes after it. */
  reading: Promise<OrgSnapshot> | null;
  next: Promise<OrgSnapshot> | null;
  /** Monotonic ms when the last read began. */
  readAt: number;
  /** It is another by now, for all that was heard. */
  isStale: boolean;
  /** Keys that were last told of as not taken. */
  refused: string;
  /** The round in which it was last asked for. */
  usedIn: number;
}

/** The rules that are kept: so many, and so long in all. */
export class KnownRules {
  readonly #limits: { readonly maxOrgs: number; readonly maxLength: number };
  readonly #byOrg = new Map<string, Rules>();
  #length = 0;
  #round = 0;

  constructor(limits: { readonly maxOrgs: number; readonly maxLength: number }) {
    this.#limits = limits;
  }

  get(org: string): Rules | undefined {
    return this.#byOrg.get(org);
  }

  all(): Iterable<Rules> {
    return this.#byOrg.values();
  }

  /** Notes that it was asked for. */
  use(org: string): Rules {
    const rules = this.#byOrg.get(org) ?? this.#add(org);
    rules.usedIn = this.#round;
    return rules;
  }

  /** Times of use are told apart by rounds. */
  newRound(): void {
    this.#round++;
  }

  /** What an organisation has set is as long as this now: others may have to go. */
  measure(rules: Rules, length: number): void {
    if (this.#byOrg.get(rules.org) !== rules) return;
    this.#length += length - rules.length;
    rules.length = length;
    this.#makeRoom(rules);
  }

  #add(org: string): Rules {
    const rules: Rules = {
      org,
      snapshot: null,
      length: 0,
      reading: null,
      next: null,
      readAt: Number.NEGATIVE_INFINITY,
      isStale: false,
      refused: '',
      usedIn: this.#round,
    };
    this.#byOrg.set(org, rules);
    this.#makeRoom(rules);
    return rules;
  }

  /** Those go that were asked for the longest ago, a tenth at a time, so that it is not looked for again at once. */
  #makeRoom(keep: Rules): void {
    const { maxOrgs, maxLength } = this.#limits;
    if (this.#byOrg.size <= maxOrgs && this.#length <= maxLength) return;
    const oldest = [...this.#byOrg.values()].sort((a, b) => a.usedIn - b.usedIn);
    for (const rules of oldest) {
      if (this.#byOrg.size <= maxOrgs * 0.9 && this.#length <= maxLength * 0.9) return;
      if (rules === keep || rules.reading) continue;
      this.#byOrg.delete(rules.org);
      this.#length -= rules.length;
    }
  }
}
