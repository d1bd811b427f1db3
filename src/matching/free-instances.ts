import type { Candidates, Order } from '../domain/selection/strategy.js';
import { Heap, type HeapItem } from './heap.js';
import type { InstanceState } from './instance-state.js';

interface Place extends HeapItem {
  readonly instance: InstanceState;
}

/** Instances that are free for a group, in the order that was asked for last: what it costs to keep grows with the log of their number. */
export class FreeInstances implements Candidates<InstanceState> {
  readonly #places = new Map<InstanceState, Place>();
  #order: Order | null = null;
  #inOrder: Heap<Place> | null = null;

  get size(): number {
    return this.#places.size;
  }

  [Symbol.iterator](): Iterator<InstanceState> {
    return this.#places.keys();
  }

  has(instance: InstanceState): boolean {
    return this.#places.has(instance);
  }

  add(instance: InstanceState): void {
    if (this.#places.has(instance)) return;
    const place = { instance, at: -1 };
    this.#places.set(instance, place);
    this.#inOrder?.push(place);
  }

  /** @returns whether it was there */
  delete(instance: InstanceState): boolean {
    const place = this.#places.get(instance);
    if (!place) return false;
    this.#inOrder?.remove(place);
    return this.#places.delete(instance);
  }

  /** To be called whenever something has changed by which instances are ordered. */
  changed(instance: InstanceState): void {
    const place = this.#inOrder && this.#places.get(instance);
    if (place) this.#inOrder?.update(place);
  }

  /** @param but the agent that is left out */
  first(order: Order, but: string | null = null): InstanceState | null {
    return this.#nth(0, order, but);
  }

  /** @param but as of `first` */
  second(order: Order, but: string | null = null): InstanceState | null {
    return this.#nth(1, order, but);
  }

  #nth(n: 0 | 1, order: Order, but: string | null): InstanceState | null {
    const heap = this.#order === order && this.#inOrder ? this.#inOrder : this.#sort(order);
    if (but === null) return (n === 0 ? heap.peek() : heap.second())?.instance ?? null;
    const top = heap.peek();
    const next = top ? [top] : [];
    for (let left: number = n; ; ) {
      // Few at a time: only those below the ones that are left out.
      const [first] = next.sort((a, b) => order(a.instance, b.instance));
      if (!first) return null;
      if (first.instance.agentId !== but) {
        if (left === 0) return first.instance;
        left -= 1;
      }
      next.splice(0, 1, ...heap.below(first));
    }
  }

  #sort(order: Order): Heap<Place> {
    const heap = new Heap<Place>((a, b) => order(a.instance, b.instance));
    for (const place of this.#places.values()) heap.push(place);
    this.#order = order;
    this.#inOrder = heap;
    return heap;
  }
}
