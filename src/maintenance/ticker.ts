import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Service } from './service.js';
import { isNotLeading } from './term.js';

export interface TickerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** Answers true if there is more to do right away. */
  readonly tick: () => Promise<boolean>;
}

export interface Ticker extends Service {
  /** Ticks now, or again as soon as the tick under way is over. */
  wake(): void;
}

/** Runs `tick` again and again, one at a time; a failure is logged and does not end it. */
export function createTicker({ name, clock, log, everyMs, tick }: TickerOptions): Ticker {
  let running = false;
  let ticking = false;
  let again = false;
  let current: Promise<void> = Promise.resolve();
  /** One that goes on is told of once. */
  let isFailing = false;
  let cancel: () => void = () => undefined;

  async function run(): Promise<void> {
    ticking = true;
    try {
      do again = false;
      while (running && ((await tick()) || again));
      if (isFailing) log.info({ service: name }, 'a background service is well again');
      isFailing = false;
    } catch (error) {
      if (!isNotLeading(error)) failed(error);
    }
    ticking = false;
    if (running) cancel = clock.after(everyMs, next);
  }

  function failed(error: unknown): void {
    if (isFailing) log.debug({ service: name, err: error }, 'a background service fails still');
    else log.error({ service: name, err: error }, 'a background service failed; it goes on');
    isFailing = true;
  }

  function next(): void {
    current = run();
  }

  return {
    wake() {
      again = true;
      if (!running || ticking) return;
      cancel();
      next();
    },
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
