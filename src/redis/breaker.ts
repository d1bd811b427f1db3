import { unavailable } from '../domain/errors.js';

/** Failures in a row after which calls are refused at once, and for how long, in ms. */
const MAX_FAILURES = 5;
const OPEN_MS = 1_000;

export interface Breaker {
  /** @throws UNAVAILABLE (INDEX_UNAVAILABLE) at once, while what it calls keeps failing */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** What it calls is said to be well again. */
  reset(): void;
}

/**
 * Spares whoever calls a server that does not answer the wait for each timeout: after some
 * failures in a row one call a second is let through to try, and the others are refused at once.
 */
export function createBreaker({ now }: { readonly now: () => number }): Breaker {
  let failures = 0;
  let openUntil = 0;
  return {
    async run(work) {
      if (failures >= MAX_FAILURES) {
        if (now() < openUntil) throw unavailable('INDEX_UNAVAILABLE', 'the index did not answer lately');
        openUntil = now() + OPEN_MS;
      }
      try {
        const answer = await work();
        failures = 0;
        return answer;
      } catch (error) {
        failures += 1;
        if (failures === MAX_FAILURES) openUntil = now() + OPEN_MS;
        throw error;
      }
    },
    reset() {
      failures = 0;
    },
  };
}
