import { Sorted } from './sorted.js';

interface Event {
  readonly time: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Time that passes from event to event, in ms. What is to happen at the same time happens in the order it was asked for. */
export class VirtualTime {
  readonly #events = new Sorted<Event>((a, b) => a.time - b.time || a.order - b.order);
  #now = 0;
  #asked = 0;

  get now(): number {
    return this.#now;
  }

  /** @param time not before now */
  at(time: number, happen: () => void): void {
    if (!(time >= this.#now)) throw new Error(`an event at ${time} ms, but it is ${this.#now} ms by now`);
    this.#asked += 1;
    this.#events.add({ time, order: this.#asked, happen });
  }

  after(ms: number, happen: () => void): void {
    this.at(this.#now + ms, happen);
  }

  /** Until nothing is left to happen, or nothing before `end`. */
  run(end = Number.POSITIVE_INFINITY): void {
    for (let next = this.#events.first(); next && next.time < end; next = this.#events.first()) {
      this.#events.take();
      this.#now = next.time;
      next.happen();
    }
  }
}
