import type { ChangeLog, ChangePage, PlacedChange } from '../../ports/change-log.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { TaskChange } from '../../ports/task-changes.js';
import { OrgListeners } from './org-listeners.js';
import { createTail } from './tail.js';
import { type FeedListener, type FeedPlace, type TaskFeed, WatchCompacted } from './task-feed.js';
import { ToldChanges } from './told-changes.js';

export interface SharedFeedOptions {
  readonly changes: ChangeLog;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly log: Log;
  /** How often the record is asked while somebody attends. Default 40. */
  readonly everyMs?: number;
}

/** The feed of a record that several coordinators write to: positions hold on each of them. */
export interface SharedFeed extends TaskFeed {
  /** What was committed so long ago was told of; 0 while nobody attends. */
  readonly lagMs: number;
  /** Another coordinator says that it has committed something: it is read at once. */
  onNews(): void;
}

/**
 * One tail reads the record while somebody attends; what this coordinator commits is told of
 * without waiting for it, and once. Nothing is read while nobody attends.
 */
export function createSharedFeed({ changes: record, clock, log, everyMs }: SharedFeedOptions): SharedFeed {
  const listeners = new OrgListeners<FeedListener>();
  const all: ((change: TaskChange) => void)[] = [];
  const told = new ToldChanges();
  const tail = createTail({
    changes: record,
    clock,
    log,
    ...(everyMs !== undefined && { everyMs }),
    onChanges: read,
    onBroken,
  });
  let attending = 0;
  let ready: Promise<void> = Promise.resolve();

  function tell(change: TaskChange, position: number): void {
    for (const listener of listeners.of(change.org)) listener.changed(change, position);
    for (const listener of all) listener(change);
  }

  function read(page: readonly PlacedChange[]): void {
    for (const [change, position] of page) if (told.read(change)) tell(change, position);
  }

  function onBroken({ generation, oldest }: ChangePage): void {
    told.clear();
    const cause = new WatchCompacted(generation, oldest);
    for (const listener of listeners.all()) listener.broken(cause);
  }

  async function attend(): Promise<() => void> {
    attending += 1;
    if (attending === 1) ready = tail.start();
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      attending -= 1;
      if (attending > 0) return;
      tail.stop();
      told.clear();
    };
    try {
      await ready;
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  async function requireKnown({ generation, position }: FeedPlace): Promise<void> {
    const isOurs = (generation ?? tail.generation) === tail.generation;
    // Another coordinator may have read a little further.
    if (isOurs && position > tail.newest) await tail.poll();
    if (isOurs && position >= 0 && position <= tail.newest) return;
    const page = await record.readChanges({ after: null, upTo: null, org: null });
    throw new WatchCompacted(page.generation, page.oldest);
  }

  async function* since(org: string, after: number, upTo: number): AsyncGenerator<readonly PlacedChange[]> {
    for (let at = after; at < upTo; ) {
      const page = await record.readChanges({ org, after: at, upTo });
      if (page.generation !== tail.generation || at < page.oldest)
        throw new WatchCompacted(page.generation, page.oldest);
      yield page.changes;
      at = page.upTo;
    }
  }

  return {
    get generation() {
      return tail.generation;
    },
    get newest() {
      return tail.newest;
    },
    get lagMs() {
      return tail.lagMs;
    },
    publish(changes) {
      if (attending === 0) return;
      // Not read yet, so above what was.
      for (const change of changes) if (told.published(change)) tell(change, tail.newest + 1);
    },
    attend,
    listen: (listener) => void all.push(listener),
    async follow(org, listener, after) {
      const leave = await attend();
      try {
        if (after) await requireKnown(after);
      } catch (error) {
        leave();
        throw error;
      }
      const unlisten = listeners.add(org, listener);
      const { newest } = tail;
      const unread = told.unread(org);
      return {
        async *missed() {
          if (!after) return;
          yield* since(org, after.position, newest);
          yield unread.map((change) => [change, newest + 1] as const);
        },
        end() {
          unlisten();
          leave();
        },
      };
    },
    onNews: () => tail.nudge(),
  };
}
