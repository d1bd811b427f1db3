import type { ChangeLog, ChangePage, PlacedChange } from '../../ports/change-log.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { FeedLag } from './feed-lag.js';

export interface TailOptions {
  readonly changes: Pick<ChangeLog, 'readChanges' | 'findOldestWriter'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly log: Log;
  /** How often the record is asked while it runs. Default 40. */
  readonly everyMs?: number;
  /** Called with what was read, before `newest` moves past it. */
  readonly onChanges: (changes: readonly PlacedChange[]) => void;
  /** Called when changes may have been lost; it goes on from now. */
  readonly onBroken: (page: ChangePage) => void;
}

/** Reads, while it runs, what is committed to the record, by whomever. */
export interface Tail {
  /** Of the record; empty before the first start. */
  readonly generation: string;
  /** What changed at or below it was read, or came before the start. */
  readonly newest: number;
  readonly lagMs: number;
  /** Resolves once it reads from now on. */
  start(): Promise<void>;
  stop(): void;
  /** Reads what is there when it is called. */
  poll(): Promise<void>;
  /** Reads soon: somebody has committed something. */
  nudge(): void;
}

const EVERY_MS = 40;
const AFTER_FAILURE_MS = 500;
/** However often it is nudged. */
const NUDGED_MS = 5;
const LAG_IS_NEWS_MS = 5_000;
const SAY_AGAIN_MS = 60_000;

export function createTail({
  changes,
  clock,
  log,
  everyMs = EVERY_MS,
  onChanges,
  onBroken,
}: TailOptions): Tail {
  const lag = new FeedLag();
  let generation = '';
  let newest = 0;
  /** Counts starts and stops: what a run before reads is for nobody. */
  let life = 0;
  let running = false;
  let polling: Promise<void> | null = null;
  let pollAgain: Promise<void> | null = null;
  let nudged = false;
  let failing = false;
  let saidAt = Number.NEGATIVE_INFINITY;
  let cancel = () => {};

  async function read(after: number | null): Promise<ChangePage> {
    const at = clock.monotonic();
    const mine = life;
    const page = await changes.readChanges({ after, upTo: null, org: null });
    if (mine === life) lag.saw(page, at);
    return page;
  }

  async function readAll(): Promise<void> {
    const mine = life;
    for (let more = true; more; ) {
      const page = await read(newest);
      if (mine !== life) return;
      if (page.generation !== generation || newest < page.oldest) {
        ({ generation, safe: newest } = page);
        onBroken(page);
        return;
      }
      onChanges(page.changes);
      newest = page.upTo;
      more = page.upTo < page.safe;
    }
  }

  function poll(): Promise<void> {
    if (polling) {
      const next = () => {
        pollAgain = null;
        return poll();
      };
      pollAgain ??= polling.then(next, next);
      return pollAgain;
    }
    polling = readAll().finally(() => {
      polling = null;
    });
    return polling;
  }

  function schedule(ms: number): void {
    cancel();
    cancel = clock.after(ms, () => void tick());
  }

  async function tick(): Promise<void> {
    const mine = life;
    nudged = false;
    try {
      await poll();
      if (mine !== life) return;
      if (failing) log.info({}, 'watches are told of changes again');
      failing = false;
      await sayIfBehind();
    } catch (error) {
      if (mine !== life) return;
      if (!failing) log.warn({ err: error }, 'changes could not be read: watches are told of them later');
      failing = true;
    }
    if (mine === life) schedule(failing ? AFTER_FAILURE_MS : nudged ? NUDGED_MS : everyMs);
  }

  async function sayIfBehind(): Promise<void> {
    const now = clock.monotonic();
    const ms = lag.ms(now);
    if (ms < LAG_IS_NEWS_MS || now - saidAt < SAY_AGAIN_MS) return;
    saidAt = now;
    const writer = await changes.findOldestWriter();
    const message = 'watches are behind: a transaction on the server of the record does not end';
    log.warn({ lagSeconds: Math.round(ms / 1_000), writer }, message);
  }

  return {
    get generation() {
      return generation;
    },
    get newest() {
      return newest;
    },
    get lagMs() {
      return running ? lag.ms(clock.monotonic()) : 0;
    },
    async start() {
      const mine = ++life;
      running = true;
      const page = await read(null);
      if (mine !== life) return;
      ({ generation, safe: newest } = page);
      schedule(everyMs);
    },
    stop() {
      life += 1;
      running = false;
      cancel();
      lag.clear();
      failing = false;
      nudged = false;
    },
    poll,
    nudge() {
      if (!running || nudged) return;
      nudged = true;
      if (!polling && !failing) schedule(NUDGED_MS);
    },
  };
}
