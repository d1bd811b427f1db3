import type { TaskChange } from '../../ports/task-changes.js';
import { OrgListeners } from './org-listeners.js';

/** Changes that are kept, of all organisations together; about 15 MB. */
const KEPT = 100_000;

export type FeedListener = (change: TaskChange, position: number) => void;

/**
 * The changes of all tasks that this process published, in a row: `position` is a change's
 * place in it, from 1. Soft: it begins anew with the process, and so does its generation.
 * (Several coordinators will read theirs from the record; then a position is a place there,
 * and whoever follows this one follows that.)
 */
export interface TaskFeed {
  /** Names the row that positions are places in. */
  readonly generation: string;
  /** Of the newest change; 0 if there is none. */
  readonly newest: number;
  /** The first position after which all changes are still known. */
  readonly oldest: number;
  publish(changes: readonly TaskChange[]): void;
  /** The organisation's changes after a position, oldest first; `null`: not all are known any more. */
  since(org: string, position: number): readonly (readonly [TaskChange, number])[] | null;
  /** Calls `listener` with each further change of the organisation. The returned function ends it. */
  follow(org: string, listener: FeedListener): () => void;
}

/** @param kept how many changes are kept. Default 100,000 */
export function createTaskFeed(generation: string, kept = KEPT): TaskFeed {
  /** The change at `position` is at `position % kept`. */
  const ring: TaskChange[] = [];
  const listeners = new OrgListeners<FeedListener>();
  let newest = 0;
  const oldest = () => Math.max(0, newest - kept);

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
        for (const listener of listeners.of(change.org)) listener(change, newest);
      }
    },
    since(org, position) {
      if (position < oldest() || position > newest) return null;
      const found: [TaskChange, number][] = [];
      for (let at = position + 1; at <= newest; at++) {
        const change = ring[at % kept];
        if (change?.org === org) found.push([change, at]);
      }
      return found;
    },
    follow: (org, listener) => listeners.add(org, listener),
  };
}
