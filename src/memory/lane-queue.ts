import type { TurnFacts } from '../domain/limits/full-limit.js';
import { Heap } from '../matching/heap.js';
import { byScore } from '../matching/lanes.js';
import type { Entry, MemoryTasks } from './entry.js';
import type { Charged } from './fairness/charged.js';
import { type KeyedOptions, KeyedTasks } from './fairness/keyed-tasks.js';

/** The tasks of a lane: one heap, until the first comes that names a limit or a fairness key. */
export class LaneQueue implements MemoryTasks {
  readonly #options: KeyedOptions;
  readonly #plain = new Heap<Entry>(byScore);
  #keyed: KeyedTasks | null = null;
  /** The next one, of keyed tasks, as of the last `settle`. */
  #head: Entry | undefined;
  size = 0;

  /** @param options its `onChanged` is told after `settle` */
  constructor(options: KeyedOptions) {
    const { onChanged } = options;
    this.#options = { ...options, onChanged: () => this.settle() && onChanged() };
  }

  heaps(): readonly Heap<Entry>[] {
    return this.#keyed ? [...this.#keyed.heaps()] : [this.#plain];
  }

  peek(): Entry | undefined {
    return this.#keyed ? this.#head : this.#plain.peek();
  }

  get nothingMayGo(): boolean {
    return this.#keyed !== null && this.#head === undefined;
  }

  settle(): boolean {
    if (!this.#keyed) return false;
    const before = this.#head;
    this.#head = this.#keyed.next();
    return this.#head !== before;
  }

  push(entry: Entry): void {
    this.size += 1;
    const { keys } = entry;
    const isPlain = keys === null || (keys.limits.length === 0 && keys.fairness === null);
    if (!this.#keyed && isPlain) {
      this.#plain.push(entry);
      return;
    }
    if (!this.#keyed) {
      this.#keyed = new KeyedTasks(this.#options);
      this.#keyed.adopt(this.#plain);
    }
    this.#keyed.push(entry);
    this.settle();
  }

  remove(entry: Entry): void {
    this.size -= 1;
    if (this.#keyed) this.#keyed.remove(entry);
    else this.#plain.remove(entry);
    this.settle();
  }

  account(fairness: string | null): Charged | null {
    return this.#keyed?.account(fairness) ?? null;
  }

  turn(entry: Entry): TurnFacts | null {
    return this.#keyed?.turnOf(entry.keys?.fairness ?? null) ?? null;
  }

  turned(entry: Entry): void {
    this.#keyed?.turned(entry);
  }
}
