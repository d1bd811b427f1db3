import type { Clock } from '../../ports/clock.js';

/** Ending a thread holds up everybody: what has run away so often … */
export const STRIKES = 3;
/** … within this time, in ms … */
const WITHIN_MS = 60_000;
/** … is not asked for so long. */
export const SUSPENDED_MS = 30_000;
const MAX_KEYS = 10_000;

/** Who has run away how often. */
export class Strikes {
  readonly #clock: Clock;
  readonly #times = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string): void {
    const now = this.#clock.monotonic();
    const times = [...(this.#times.get(key) ?? []), now].slice(-STRIKES);
    this.#times.delete(key);
    this.#times.set(key, times);
    const [oldest] = this.#times.keys();
    if (this.#times.size > MAX_KEYS && oldest !== undefined) this.#times.delete(oldest);
  }

  /** For how many ms more it is not asked; 0: it may be. */
  suspendedMs(key: string): number {
    // Nearly always nobody ever ran away.
    if (this.#times.size === 0) return 0;
    const times = this.#times.get(key);
    const [first] = times ?? [];
    const last = times?.at(-1);
    if (times?.length !== STRIKES || first === undefined || last === undefined) return 0;
    if (last - first > WITHIN_MS) return 0;
    return Math.max(0, last + SUSPENDED_MS - this.#clock.monotonic());
  }
}
