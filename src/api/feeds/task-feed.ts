import type { PlacedChange } from '../../ports/change-log.js';
import type { TaskChange } from '../../ports/task-changes.js';
import { OrgListeners } from './org-listeners.js';

/** Changes that the feed of one process keeps, of all organisations together; about 15 MB. */
const KEPT = 100_000;

export interface FeedListener {
  /** A change that was committed; `position` is not above its place. Of a task with rising `seq`. */
  changed(change: TaskChange, position: number): void;
  /** Changes may have been lost: the row has become another one, or too much of it is forgotten. */
  broken(cause: WatchCompacted): void;
}

/** A place in the row of a feed. */
export interface FeedPlace {
  /** Absent: the one that there is. */
  readonly generation?: string;
  readonly position: number;
}

export interface Following {
  /** The changes from the place that was asked for to where the listener begins, oldest first. */
  missed(): AsyncIterable<readonly PlacedChange[]>;
  end(): void;
}

/** Not all changes after a place are known any more: a snapshot is needed. */
export class WatchCompacted extends Error {
  readonly generation: string;
  /** The first position after which all changes are still known. */
  readonly oldest: number;

  constructor(generation: string, oldest: number) {
    super('the changes after that place are not all known any more');
    this.generation = generation;
    this.oldest = oldest;
  }
}

/**
 * The changes of all tasks in a row. A position is a place in it: what changed at or below it
 * was told of to every listener there was.
 */
export interface TaskFeed {
  /** Names the row that positions are places in. Known while somebody attends. */
  readonly generation: string;
  /** The position up to which everything was told of. Known while somebody attends. */
  readonly newest: number;
  /** Takes in what this coordinator has committed. */
  publish(changes: readonly TaskChange[]): void;
  /**
   * From when it resolves on, until the returned function is called, all changes that are
   * committed are told of, whoever made them. Rejects if the record cannot be read.
   */
  attend(): Promise<() => void>;
  /** Calls `listener` with each change of all organisations that is told of, for good. */
  listen(listener: (change: TaskChange) => void): void;
  /**
   * Attends, and calls `listener` with each further change of the organisation.
   *
   * @param after goes on from there: the changes in between are `missed`
   * @throws WatchCompacted `after` is of another row, or too old; as may the iteration of `missed`
   */
  follow(org: string, listener: FeedListener, after: FeedPlace | null): Promise<Following>;
}

/** The feed of a process whose record nobody else writes to: it ends with the process. */
export interface RingFeed extends TaskFeed {
  readonly oldest: number;
}

/**
 * @param generation names the process
 * @param kept how many changes are kept. Default 100,000
 */
export function createTaskFeed(generation: string, kept = KEPT): RingFeed {
  /** The change at `position` is at `position % kept`. */
  const ring: TaskChange[] = [];
  const listeners = new OrgListeners<FeedListener>();
  const all: ((change: TaskChange) => void)[] = [];
  let newest = 0;
  const oldest = () => Math.max(0, newest - kept);

  function since(org: string, position: number): PlacedChange[] {
    const found: PlacedChange[] = [];
    for (let at = position + 1; at <= newest; at++) {
      const change = ring[at % kept];
      if (change?.org === org) found.push([change, at]);
    }
    return found;
  }

  return {
    generation,
    get newest() {
      return newest;
    },
    get oldest() {
      return oldest();
    },
    publish(changes) {
      for (const change of changes) {
        newest += 1;
        ring[newest % kept] = change;
        for (const listener of listeners.of(change.org)) listener.changed(change, newest);
      }
      for (const listener of all) for (const change of changes) listener(change);
    },
    attend: async () => () => {},
    listen: (listener) => void all.push(listener),
    async follow(org, listener, after) {
      const { position } = after ?? { position: newest };
      const isOurs = (after?.generation ?? generation) === generation;
      if (!isOurs || position < oldest() || position > newest) throw new WatchCompacted(generation, oldest());
      const missed = since(org, position);
      return {
        async *missed() {
          yield missed;
        },
        end: listeners.add(org, listener),
      };
    },
  };
}
