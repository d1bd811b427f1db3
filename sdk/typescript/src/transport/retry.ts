import { setTimeout as delay } from 'node:timers/promises';
import type { ReeveError } from './errors.js';

/** How waits between tries grow: each is drawn from 0 to `baseMs` · 2^failures, at most `maxMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

export const CALL_BACKOFF: Backoff = { baseMs: 100, maxMs: 2_000 };
export const STREAM_BACKOFF: Backoff = { baseMs: 200, maxMs: 5_000 };

/** Full jitter: clients that lost the same server do not come back together. In ms. */
export function fullJitter(failures: number, { baseMs, maxMs }: Backoff): number {
  return Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures, 20));
}

/** The wait before another try, not less than the server asked for. In ms. */
export function waitBefore(failures: number, backoff: Backoff, error?: ReeveError): number {
  return (error?.retryAfterMs ?? 0) + fullJitter(failures, backoff);
}

/** Resolves after `ms`; rejects with the signal's reason if that comes first. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
