import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Service } from './service.js';

export interface TickerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** Answers true if there is more to do right away. */
  readonly tick: () => Promise<boolean>;
}

/** Runs `tick` again and again, one at a time; a failure is logged and does not end it. */
export function createTicker({ name, clock, log, everyMs, tick }: TickerOptions): Service {
  let running = false;
  let current: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;

  async function run(): Promise<void> {
    try {
      while (running && (await tick()));
    } catch (error) {
      log.error({ service: name, err: error }, 'a background service failed; it goes on');
    }
    if (running) cancel = clock.after(everyMs, next);
  }

  function next(): void {
    current = run();
  }

  return {
    start() {
      if (running) return;
      running = true;
      next();
    },
    async stop() {
      running = false;
      cancel();
      await current;
    },
  };
}
