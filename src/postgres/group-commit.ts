import { unavailable } from '../domain/errors.js';
import { isRecordAway } from '../domain/record-errors.js';
import { isDataError, isPassingConflict } from './sql-errors.js';

/** What group commit needs to know of a verb. */
export interface Verb<Item, Outcome> {
  /** Batches run in this order: rows are locked in one order everywhere, or they deadlock. */
  order(a: Item, b: Item): number;
  /** Two items with the same key never share a batch. */
  key(item: Item): string;
  /** Bytes of payload. Default 0. */
  size?(item: Item): number;
  /** One transaction. `undefined`: the row is locked by somebody else, try it again. */
  run(items: readonly Item[]): Promise<readonly (Outcome | undefined)[]>;
  /** The outcome of an item whose data the store refuses. Default: its caller's call rejects. */
  refuse?(item: Item, error: Error): Outcome;
}

export interface GroupCommit<Item, Outcome> {
  /** One outcome an item, in their order. */
  add(items: readonly Item[]): Promise<readonly Outcome[]>;
  /**
   * Takes out waiting items by key, in the belief that they will not be needed. The function
   * that is returned answers those it is given an outcome for; the others go on waiting.
   */
  take(keys: ReadonlySet<string>): (answers: ReadonlyMap<string, Outcome>) => void;
}

export interface GroupCommitOptions {
  readonly maxRows?: number;
  /** A single larger item goes alone. */
  readonly maxBytes?: number;
  /** How long an item may wait in the hope that it is not needed, in ms, unless very many do. For verbs that nobody waits for. Default 0. */
  readonly lingerMs?: number;
  /**
   * A batch that fails after so long, in ms, because the store is away, was sent to one that hangs: those that
   * wait behind it fail too, or each would wait as long for nothing. Default 1,000.
   */
  readonly hungMs?: number;
  /** Called with the error of an item that the store refused. */
  readonly onRefused?: (error: Error) => void;
}

const MAX_ROWS = 500;
const MAX_BYTES = 256 * 1024;
/** How often a batch is repeated after a conflict with another transaction. */
const MAX_CONFLICTS = 3;
/** How often an item meets a locked row before its caller is told. */
const MAX_LOCKED = 100;
const HUNG_MS = 1_000;
/** More than so many full batches do not linger. */
const LINGERING_BATCHES = 10;

interface Call<Outcome> {
  readonly outcomes: Outcome[];
  missing: number;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry<Item, Outcome> {
  readonly item: Item;
  readonly call: Call<Outcome>;
  readonly index: number;
  readonly key: string;
  readonly bytes: number;
  /** When it came, in ms. */
  readonly since: number;
  locked: number;
}

/**
 * Merges concurrent calls of one verb into batches: one is in flight, the next accumulates
 * meanwhile, and no timer delays the first unless the verb may linger. A batch whose data the store refuses is split in
 * halves until the row at fault stands alone.
 */
export function createGroupCommit<Item, Outcome>(
  verb: Verb<Item, Outcome>,
  {
    maxRows = MAX_ROWS,
    maxBytes = MAX_BYTES,
    onRefused,
    lingerMs = 0,
    hungMs = HUNG_MS,
  }: GroupCommitOptions = {},
): GroupCommit<Item, Outcome> {
  type E = Entry<Item, Outcome>;
  let waiting: E[] = [];
  let inFlight = false;
  let pumpDue = false;
  let lingering = false;

  const answer = (entry: E, outcome: Outcome) => {
    entry.call.outcomes[entry.index] = outcome;
    if (--entry.call.missing === 0) entry.call.resolve(entry.call.outcomes);
  };

  /** The oldest that fit into one batch, the first and those that came until then; the rest stays in its order. */
  const nextBatch = (untilMs: number): E[] => {
    const batch: E[] = [];
    const keys = new Set<string>();
    const rest: E[] = [];
    let bytes = 0;
    let i = 0;
    for (; i < waiting.length && batch.length < maxRows; i++) {
      const entry = waiting[i] as E;
      if (batch.length > 0 && (bytes + entry.bytes > maxBytes || entry.since > untilMs)) break;
      if (keys.has(entry.key)) {
        rest.push(entry);
        continue;
      }
      keys.add(entry.key);
      bytes += entry.bytes;
      batch.push(entry);
    }
    waiting = rest.concat(waiting.slice(i));
    return batch.sort((a, b) => verb.order(a.item, b.item));
  };

  const commit = async (batch: readonly E[]): Promise<void> => {
    const began = performance.now();
    for (let conflicts = 0; ; conflicts++) {
      try {
        const outcomes = await verb.run(batch.map((entry) => entry.item));
        const again: E[] = [];
        for (let i = 0; i < batch.length; i++) {
          const entry = batch[i] as E;
          const outcome = outcomes[i];
          if (outcome !== undefined) answer(entry, outcome);
          else if (++entry.locked < MAX_LOCKED) again.push(entry);
          else entry.call.reject(unavailable('TASK_LOCKED', 'the task is held by another transaction'));
        }
        waiting = again.concat(waiting);
        return;
      } catch (error) {
        if (isPassingConflict(error) && conflicts < MAX_CONFLICTS) continue;
        if (!isDataError(error)) {
          for (const entry of batch) entry.call.reject(error);
          if (isRecordAway(error) && performance.now() - began >= hungMs)
            for (const entry of waiting.splice(0)) entry.call.reject(error);
          return;
        }
        const [first] = batch;
        if (batch.length === 1 && first) {
          onRefused?.(error);
          if (verb.refuse) answer(first, verb.refuse(first.item, error));
          else first.call.reject(error);
          return;
        }
        const half = Math.ceil(batch.length / 2);
        await commit(batch.slice(0, half));
        await commit(batch.slice(half));
        return;
      }
    }
  };

  const start = () => {
    pumpDue = false;
    if (inFlight || waiting.length === 0) return;
    const now = performance.now();
    const isCrowd = waiting.length >= LINGERING_BATCHES * maxRows;
    const leftMs = lingerMs - (now - (waiting[0]?.since ?? 0));
    if (leftMs > 0 && !isCrowd) {
      if (lingering) return;
      lingering = true;
      setTimeout(() => {
        lingering = false;
        start();
      }, leftMs);
      return;
    }
    inFlight = true;
    // Those that came not long ago may not be needed yet.
    const batch = nextBatch(isCrowd ? now : now - lingerMs / 2);
    commit(batch)
      .catch((error: unknown) => {
        for (const entry of batch) entry.call.reject(error);
      })
      .finally(() => {
        inFlight = false;
        start();
      });
  };

  const pump = () => {
    if (pumpDue || inFlight) return;
    pumpDue = true;
    queueMicrotask(start);
  };

  return {
    add(items) {
      if (items.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const call: Call<Outcome> = {
          outcomes: new Array<Outcome>(items.length),
          missing: items.length,
          resolve,
          reject,
        };
        const since = performance.now();
        for (let index = 0; index < items.length; index++) {
          const item = items[index] as Item;
          const bytes = verb.size?.(item) ?? 0;
          waiting.push({ item, call, index, key: verb.key(item), bytes, since, locked: 0 });
        }
        pump();
      });
    },
    take(keys) {
      const taken = waiting.filter((entry) => keys.has(entry.key));
      if (taken.length === 0) return () => {};
      waiting = waiting.filter((entry) => !keys.has(entry.key));
      return (answers) => {
        const back: E[] = [];
        for (const entry of taken) {
          const outcome = answers.get(entry.key);
          if (outcome === undefined) back.push(entry);
          else answer(entry, outcome);
        }
        waiting = back.concat(waiting);
        if (waiting.length > 0) pump();
      };
    },
  };
}
