import type { TaskChange } from '../../ports/task-changes.js';

/** Changes that are remembered each way; beyond it some are told of twice. */
const MAX = 50_000;

/**
 * What was told of already: a coordinator hears of its own changes at once, and again when it
 * reads what was committed. Either may come first; of a task only a higher `seq` is news.
 */
export class ToldChanges {
  readonly #max: number;
  /** Own changes that were not read yet, by task, the newest of each. */
  readonly #unread = new Map<string, TaskChange>();
  /** The newest `seq` that was read of a task. */
  readonly #read = new Map<string, number>();

  constructor(max = MAX) {
    this.#max = max;
  }

  /** Whether an own change that was just committed is news. */
  published(change: TaskChange): boolean {
    const key = keyOf(change);
    const newest = Math.max(this.#unread.get(key)?.seq ?? 0, this.#read.get(key) ?? 0);
    if (change.seq <= newest) return false;
    this.#put(this.#unread, key, change);
    return true;
  }

  /** Whether a change that was read is news. */
  read(change: TaskChange): boolean {
    const key = keyOf(change);
    const own = this.#unread.get(key)?.seq ?? 0;
    if (change.seq >= own) this.#unread.delete(key);
    if (change.seq <= (this.#read.get(key) ?? 0)) return false;
    this.#put(this.#read, key, change.seq);
    return change.seq > own;
  }

  /** Own changes of an organisation that were told of and not read yet. */
  unread(org: string): TaskChange[] {
    return [...this.#unread.values()].filter((change) => change.org === org);
  }

  clear(): void {
    this.#unread.clear();
    this.#read.clear();
  }

  /** A key that is put again becomes the newest. */
  #put<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= this.#max) return;
    for (const first of map.keys()) {
      map.delete(first);
      return;
    }
  }
}

function keyOf({ org, taskId }: TaskChange): string {
  return `${org}\0${taskId}`;
}
