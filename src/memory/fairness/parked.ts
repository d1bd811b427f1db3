import { Heap } from '../../matching/heap.js';
import type { KeyUse, LimitWaiter } from '../limits/key-use.js';
import { type Bucket, byFirstPart } from './bucket.js';

export interface ParkedListener {
  /** Some of their tasks may go. */
  readonly onOpened: () => void;
  /** None waits for the limit any more. */
  readonly onEmpty: () => void;
}

/** The buckets of a lane that wait for one limit, the next by turns first. */
export class Parked implements LimitWaiter {
  readonly #limit: KeyUse;
  readonly #buckets = new Heap<Bucket>(byFirstPart);
  readonly #told: ParkedListener;

  constructor(limit: KeyUse, told: ParkedListener) {
    this.#limit = limit;
    this.#told = told;
  }

  add(bucket: Bucket): void {
    bucket.parkedAt = this.#limit;
    this.#buckets.push(bucket);
    this.#limit.wait(this);
  }

  changed(bucket: Bucket): void {
    this.#buckets.update(bucket);
  }

  remove(bucket: Bucket): void {
    bucket.parkedAt = null;
    this.#buckets.remove(bucket);
    if (this.#buckets.size > 0) return;
    this.#limit.leave(this);
    this.#told.onEmpty();
  }

  /** As many buckets as there is room for; those that another limit holds up go to wait for that. */
  roomMade(room: number): boolean {
    let opened = 0;
    while (opened < room) {
      const bucket = this.#buckets.pop();
      if (!bucket) break;
      bucket.parkedAt = null;
      if (bucket.fill()) opened += 1;
    }
    if (this.#buckets.size === 0) this.#told.onEmpty();
    if (opened > 0) this.#told.onOpened();
    return this.#buckets.size > 0;
  }
}
