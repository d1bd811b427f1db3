import { Heap, type HeapItem } from '../matching/heap.js';

interface Due<T> extends HeapItem {
  readonly key: string;
  due: number;
  value: T;
}

/** Values by key, each with the time it is due. */
export class DueSet<T> {
  readonly #byKey = new Map<string, Due<T>>();
  readonly #heap = new Heap<Due<T>>((a, b) => a.due - b.due || (a.key < b.key ? -1 : 1));

  get size(): number {
    return this.#heap.size;
  }

  /** Sets or replaces. */
  set(key: string, due: number, value: T): void {
    const known = this.#byKey.get(key);
    if (known) {
      known.due = due;
      known.value = value;
      this.#heap.update(known);
      return;
    }
    const item: Due<T> = { at: -1, key, due, value };
    this.#byKey.set(key, item);
    this.#heap.push(item);
  }

  /** In the order in which their keys were first set. */
  *values(): Generator<T> {
    for (const { value } of this.#byKey.values()) yield value;
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key)?.value;
  }

  /** When it is due; `undefined`: it is not there. */
  dueOf(key: string): number | undefined {
    return this.#byKey.get(key)?.due;
  }

  /** When the earliest is due; `undefined`: it is empty. */
  get next(): number | undefined {
    return this.#heap.peek()?.due;
  }

  delete(key: string): void {
    const item = this.#byKey.get(key);
    if (!item) return;
    this.#byKey.delete(key);
    this.#heap.remove(item);
  }

  /** Takes out up to `max` values that are due at `now`, earliest first. */
  take(now: number, max: number): T[] {
    const out: T[] = [];
    while (out.length < max) {
      const item = this.#heap.peek();
      if (item === undefined || item.due > now) break;
      this.delete(item.key);
      out.push(item.value);
    }
    return out;
  }
}
