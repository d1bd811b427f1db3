import type { Clock } from '../../ports/clock.js';
import type { WorkflowKey, WorkflowRecord, WorkflowSnapshot } from '../../ports/workflow-record.js';
import { every } from './every.js';

/** How often a workflow that somebody follows is looked at: others may change it, and its tasks end. */
const LOOK_EVERY_MS = 400;
/** How soon it is looked at once it is known to have changed: what changes along with it is seen with it. */
const SOON_MS = 30;

/** Somebody's view of a workflow that is followed. */
export interface Look {
  /** As of the newest look. `null`: it does not exist. */
  readonly latest: WorkflowSnapshot | null;
  /** What the newest look failed with, if it did. */
  readonly error: unknown;
  /** Resolves after a look that begins no earlier than this; never rejects. */
  again(): Promise<void>;
  leave(): void;
}

export interface SharedLooks {
  /** Begins to follow; `onLook` is called after each look. */
  join(key: WorkflowKey, onLook: () => void): Look;
  /** Something was written of it here. */
  told(key: WorkflowKey): void;
}

interface Shared {
  latest: WorkflowSnapshot | null;
  error: unknown;
  readonly listeners: Set<() => void>;
  current: Promise<void>;
  next: Promise<void> | null;
  stopSoon: (() => void) | null;
  readonly stop: () => void;
}

/** Looks at workflows in the record as long as they are followed, once for all who follow the same one. */
export function createSharedLooks({
  record,
  clock,
}: {
  readonly record: Pick<WorkflowRecord, 'open'>;
  readonly clock: Pick<Clock, 'after'>;
}): SharedLooks {
  const byKey = new Map<string, Shared>();

  async function look(shared: Shared, key: WorkflowKey): Promise<void> {
    try {
      shared.latest = await record.open(key);
      shared.error = null;
    } catch (error) {
      shared.error = error;
    }
    for (const listener of [...shared.listeners]) listener();
  }

  function again(shared: Shared, key: WorkflowKey): Promise<void> {
    shared.next ??= shared.current.then(() => {
      shared.next = null;
      shared.current = look(shared, key);
      return shared.current;
    });
    return shared.next;
  }

  function begin(key: WorkflowKey): Shared {
    const shared: Shared = {
      latest: null,
      error: null,
      listeners: new Set(),
      current: Promise.resolve(),
      next: null,
      stopSoon: null,
      stop: every(clock, LOOK_EVERY_MS, () => void again(shared, key)),
    };
    return shared;
  }

  return {
    join(key, onLook) {
      const name = nameOf(key);
      const shared = byKey.get(name) ?? begin(key);
      byKey.set(name, shared);
      // Of this one alone, so that who joins twice leaves twice.
      const listener = () => onLook();
      shared.listeners.add(listener);
      return {
        get latest() {
          return shared.latest;
        },
        get error() {
          return shared.error;
        },
        again: () => again(shared, key),
        leave() {
          shared.listeners.delete(listener);
          if (shared.listeners.size > 0 || byKey.get(name) !== shared) return;
          byKey.delete(name);
          shared.stop();
          shared.stopSoon?.();
        },
      };
    },
    told(key) {
      const shared = byKey.get(nameOf(key));
      if (!shared) return;
      shared.stopSoon ??= clock.after(SOON_MS, () => {
        shared.stopSoon = null;
        void again(shared, key);
      });
    },
  };
}

function nameOf({ org, workflowId }: WorkflowKey): string {
  return `${workflowId} ${org}`;
}
