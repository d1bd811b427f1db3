import {
  type DurationTally,
  expectedMs,
  MOVES_EVERY_MS,
  moved,
  NO_DURATIONS,
  withDuration,
} from '../../../src/domain/order/expected-duration.js';

interface InForce {
  readonly ms: number;
  readonly since: number;
}

/** How long kinds take, learned from what has succeeded so far. */
export class LearnedDurations {
  readonly #tallies = new Map<string, DurationTally>();
  readonly #inForce = new Map<string, InForce>();

  succeeded(kind: string, ms: number, now: number): void {
    const tally = withDuration(this.#tallies.get(kind) ?? NO_DURATIONS, ms);
    this.#tallies.set(kind, tally);
    const after = expectedMs(tally);
    const before = this.#inForce.get(kind);
    if (after === null || (before && now - before.since < MOVES_EVERY_MS)) return;
    this.#inForce.set(kind, { ms: moved(before?.ms ?? null, after), since: now });
  }

  /** Of an unknown kind the median of those that are known; `null`: none is. */
  of(kind: string): number | null {
    const known = this.#inForce.get(kind);
    if (known) return known.ms;
    const all = [...this.#inForce.values()].map(({ ms }) => ms).sort((a, b) => a - b);
    return all[all.length >> 1] ?? null;
  }
}
