import { Heap, type HeapItem } from './heap.js';

interface Place<T extends HeapItem> extends HeapItem {
  readonly heap: Heap<T>;
  readonly item: T;
}

/** The first `max` items of several heaps together, in order; takes nothing out. */
export function mergedHeads<T extends HeapItem>(
  heaps: readonly Heap<T>[],
  max: number,
  compare: (a: T, b: T) => number,
): readonly T[] {
  const frontier = new Heap<Place<T>>((a, b) => compare(a.item, b.item));
  for (const heap of heaps) {
    const item = heap.peek();
    if (item !== undefined) frontier.push({ at: -1, heap, item });
  }
  const out: T[] = [];
  while (out.length < max) {
    const next = frontier.pop();
    if (next === undefined) break;
    out.push(next.item);
    for (const item of next.heap.below(next.item)) frontier.push({ at: -1, heap: next.heap, item });
  }
  return out;
}
