import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

/** How long what has come waits for more, in ms: what comes in another order than it happened is put right. */
export const LINGER_MS = 50;
const AGAIN_AFTER_MS = 1_000;
/** What is read at once. */
const AT_ONCE = 500;
/** What waits at most; further ones are lost. */
const MAX_WAITING = 10_000;

export interface Batches<T> {
  add(items: readonly T[]): void;
  /** Works off what has come, once, and takes nothing more. */
  stop(): Promise<void>;
}

/** Works off what comes in batches, one at a time, in order; one that fails is tried again every second. */
export function createBatches<T>(options: {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: (batch: readonly T[]) => Promise<void>;
  readonly lost: (count: number) => void;
}): Batches<T> {
  const { name, clock, log, run, lost } = options;
  let waiting: T[] = [];
  let isStopped = false;
  let isFailing = false;
  let isDue = false;
  let cancel = () => {};
  let current: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, AT_ONCE);
        await run(batch);
        waiting = waiting.slice(batch.length);
        isFailing = false;
      }
    } catch (error) {
      if (!isFailing)
        log.warn({ err: error, events: name }, 'events for handlers could not be read; tried again');
      isFailing = true;
    }
    isDue = false;
    if (waiting.length > 0 && !isStopped) due(isFailing ? AGAIN_AFTER_MS : LINGER_MS);
  }

  function due(afterMs: number): void {
    isDue = true;
    cancel = clock.after(afterMs, () => {
      current = work();
    });
  }

  return {
    add(items) {
      if (isStopped) return;
      const room = MAX_WAITING - waiting.length;
      for (const item of items.length > room ? items.slice(0, room) : items) waiting.push(item);
      if (items.length > room) lost(items.length - room);
      if (!isDue && waiting.length > 0) due(LINGER_MS);
    },
    async stop() {
      isStopped = true;
      cancel();
      await current;
      await work();
      if (waiting.length > 0) lost(waiting.length);
      waiting = [];
    },
  };
}
