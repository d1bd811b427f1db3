import { setTimeout as sleep } from 'node:timers/promises';
import { ReeveError } from '@reeve/sdk';

const LONGEST_PAUSE_MS = 1000;

/**
 * Calls until the coordinator answers: while it restarts, calls fail with what is worth
 * another try. Whoever uses this must be free to repeat the call.
 */
export async function persist<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let pause = 50; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReeveError && error.retryable)) throw error;
    }
    await pauseFor(pause, signal);
  }
}

/** @throws the signal's reason, as soon as it has one */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
