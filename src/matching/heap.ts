/** What lies in a heap knows its place there, so that it can be taken out from the middle. */
export interface HeapItem {
  /** Owned by the heap; -1 outside of it. */
  at: number;
}

/** A binary heap with removal from anywhere; every operation is O(log n). */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** The one after the first. */
  second(): T | undefined {
    const [, left, right] = this.#items;
    if (left === undefined || right === undefined) return left;
    return this.#compare(right, left) < 0 ? right : left;
  }

  /** Up to two items that come after `item`; in no order. Every item but the first is below exactly one. */
  below({ at }: T): readonly T[] {
    return this.#items.slice(2 * at + 1, 2 * at + 3);
  }

  /** Those that come before something, in no order: `isBefore` tells of each, and none below one that does not. */
  *before(isBefore: (item: T) => boolean): Generator<T> {
    const places = [0];
    for (let at = places.pop(); at !== undefined; at = places.pop()) {
      const item = this.#items[at];
      if (item === undefined || !isBefore(item)) continue;
      yield item;
      places.push(2 * at + 1, 2 * at + 2);
    }
  }

  push(item: T): void {
    item.at = this.#items.length;
    this.#items.push(item);
    this.#up(item);
  }

  pop(): T | undefined {
    const top = this.#items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  has(item: T): boolean {
    return this.#items[item.at] === item;
  }

  /** Takes an item out; does nothing if it is not in. */
  remove(item: T): void {
    if (!this.has(item)) return;
    const at = item.at;
    item.at = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    last.at = at;
    this.#items[at] = last;
    this.update(last);
  }

  /** Puts an item right after what it is compared by has changed. */
  update(item: T): void {
    this.#up(item);
    this.#down(item);
  }

  #up(item: T): void {
    while (item.at > 0) {
      const parent = this.#items[(item.at - 1) >> 1];
      if (parent === undefined || this.#compare(item, parent) >= 0) return;
      this.#swap(item, parent);
    }
  }

  #down(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.at + 1];
      const right = this.#items[2 * item.at + 2];
      if (left === undefined) return;
      const least = right !== undefined && this.#compare(right, left) < 0 ? right : left;
      if (this.#compare(item, least) <= 0) return;
      this.#swap(item, least);
    }
  }

  #swap(a: T, b: T): void {
    [a.at, b.at] = [b.at, a.at];
    this.#items[a.at] = a;
    this.#items[b.at] = b;
  }
}
