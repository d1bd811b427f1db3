import { Heap, type HeapItem } from '../../src/matching/heap.js';

interface Event extends HeapItem {
  readonly time: number;
  readonly order: number;
  readonly fn: () => void;
}

/** Events taken from the machine's queue at once; the machine looks at its sockets only between turns. */
const PER_TURN = 64;

/**
 * Virtual time: what is to happen, in order. Between two events every promise that can go
 * on has gone on: each is a turn of the machine's own queue, which empties the microtasks
 * first. Nothing here depends on real time.
 */
export class EventQueue {
  readonly #events = new Heap<Event>((a, b) => a.time - b.time || a.order - b.order);
  #now = 0;
  #count = 0;
  #happened = 0;

  /** Virtual ms since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** How many events have happened. */
  get happened(): number {
    return this.#happened;
  }

  /** Calls `fn` after `ms`, after what is due at the same time already. The returned function cancels it. */
  after(ms: number, fn: () => void): () => void {
    const event: Event = { at: -1, time: this.#now + Math.max(0, ms), order: this.#count++, fn };
    this.#events.push(event);
    return () => this.#events.remove(event);
  }

  /**
   * Lets events happen until `isOver`, or virtual time is past `until`, or nothing is left.
   * Rejects with what an event throws. Answers whether it was over.
   */
  run(isOver: () => boolean, until: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let running = true;
      const end = (over: boolean) => {
        running = false;
        resolve(over);
      };
      const step = () => {
        if (!running) return;
        if (isOver()) return end(true);
        const next = this.#events.peek();
        if (!next || next.time > until) return end(false);
        this.#events.pop();
        this.#now = next.time;
        this.#happened += 1;
        try {
          next.fn();
        } catch (error) {
          running = false;
          reject(error);
        }
      };
      const turn = () => {
        for (let i = 0; i < PER_TURN; i++) setImmediate(step);
        setImmediate(() => running && turn());
      };
      turn();
    });
  }
}
