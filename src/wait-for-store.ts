import { setTimeout as pause } from 'node:timers/promises';
import { ReeveError } from './domain/errors.js';
import type { Clock } from './ports/clock.js';

const RETRY_MS = 250;
/** Between two lines that say what is waited for. */
const SAY_EVERY_MS = 5_000;

export interface Store<T> {
  /** `Postgres` or `Redis`. */
  readonly name: string;
  /** Where it is, without user and password: `db:5432/reeve`. */
  readonly place: string;
  /** Looks whether it is there and can be used; UNAVAILABLE means that it may be later. */
  readonly look: () => Promise<T>;
}

export interface Patience {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Of all stores together; monotonic, ms. */
  readonly until: number;
  /** Tells people, a line each. */
  readonly say: (line: string) => void;
}

/** Whether a store is there and only reads; after a failover it may be of use. */
export function isReplica({ reason }: ReeveError): boolean {
  return reason === 'RECORD_IS_REPLICA' || reason === 'INDEX_IS_REPLICA';
}

/**
 * Looks again and again, until the store is there or there is no more time.
 *
 * @throws UNAVAILABLE when time is over: STORE_UNREACHABLE, or that it is a replica; what else `look`
 *   throws, named
 */
export async function waitForStore<T>(store: Store<T>, { clock, until, say }: Patience): Promise<T> {
  const { name, place } = store;
  const began = clock.monotonic();
  const begin = timeText(clock.now());
  const end = timeText(clock.now() + until - began);
  for (let saidAt = Number.NEGATIVE_INFINITY; ; await pause(RETRY_MS)) {
    try {
      const found = await store.look();
      if (saidAt > 0) say(`${name} at ${place} is there`);
      return found;
    } catch (error) {
      if (!(error instanceof ReeveError)) throw error;
      const { code, reason, details } = error;
      const message = error.message.replace(/^the (record|index) is not to be had: /, '');
      const now = clock.monotonic();
      if (code !== 'UNAVAILABLE' || (now >= until && isReplica(error)))
        throw new ReeveError(code, reason, `${name} at ${place}: ${message}`, details);
      if (now >= until) {
        const words = `${name} at ${place} was not there from ${begin} until ${end}: ${message}`;
        throw new ReeveError('UNAVAILABLE', 'STORE_UNREACHABLE', words);
      }
      if (now - saidAt < SAY_EVERY_MS) continue;
      say(`waiting for ${name} at ${place} since ${begin}, until ${end}: ${message}`);
      saidAt = now;
    }
  }
}

/** In UTC, to the second: `2026-01-31T12:00:00Z`. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
