import { Heap, type HeapItem } from '../../matching/heap.js';
import type { KeyUse } from '../limits/key-use.js';
import { byPlaced, type Part, type Place } from './account.js';

export interface BucketOptions {
  readonly key: string;
  readonly limits: readonly KeyUse[];
  /** A part's tasks may go from here on; or no longer. */
  readonly offer: (part: Part) => void;
  readonly withdraw: (part: Part) => void;
  /** A limit has no room: to be told when it has. `wasOpen`: others may have the room that it had in its other limits. */
  readonly park: (bucket: Bucket, full: KeyUse, wasOpen: boolean) => void;
}

/**
 * The parts of a lane whose tasks count against the same limits. So many of them are offered as the limits have room
 * for, the next ones by turns; the others wait here, all of them while a limit is full.
 */
export class Bucket implements HeapItem {
  /** In the order of those that wait for the same limit. */
  at = -1;
  readonly key: string;
  readonly limits: readonly KeyUse[];
  readonly #waiting = new Heap<Place>(byPlaced);
  readonly #offered = new Set<Part>();
  readonly #options: BucketOptions;
  /** The limit that it waits for; `null`: none. */
  parkedAt: KeyUse | null = null;
  /** Parts, offered or not. */
  size = 0;

  constructor(options: BucketOptions) {
    this.key = options.key;
    this.limits = options.limits;
    this.#options = options;
    for (const limit of this.limits) limit.named += 1;
  }

  /** The next one that is not offered. */
  get first(): Place | undefined {
    return this.#waiting.peek();
  }

  get isFull(): boolean {
    return this.limits.some((limit) => limit.room() === 0);
  }

  has(part: Part): boolean {
    return this.#offered.has(part);
  }

  add(part: Part): void {
    this.size += 1;
    this.#putAside(part);
    this.fill();
  }

  /** A part's first task is another than before. */
  changed(part: Part): void {
    if (this.#offered.has(part)) return;
    this.#place(part);
    this.#waiting.update(part.inBucket);
  }

  remove(part: Part): void {
    this.size -= 1;
    this.#waiting.remove(part.inBucket);
    if (this.#offered.delete(part)) this.#options.withdraw(part);
    if (this.size > 0) this.fill();
    else for (const limit of this.limits) limit.named -= 1;
  }

  /** One of its tasks was given out: the others of that part wait for their next turn. */
  turned(part: Part): void {
    if (this.limits.length === 0) return;
    this.#offered.delete(part);
    this.#options.withdraw(part);
    this.#putAside(part);
    this.fill();
  }

  /** Offers as many as there is room for. Whether anything is offered. */
  fill(): boolean {
    if (this.parkedAt) return false;
    const full = this.limits.find((limit) => limit.room() === 0);
    if (full) {
      this.#shut(full);
      return false;
    }
    const room = Math.min(...this.limits.map((limit) => limit.room()));
    while (this.#offered.size < room) {
      const part = this.#next();
      if (!part) break;
      this.#offered.add(part);
      this.#options.offer(part);
    }
    return this.#offered.size > 0;
  }

  #shut(full: KeyUse): void {
    const wasOpen = this.#offered.size > 0;
    for (const part of this.#offered) {
      this.#options.withdraw(part);
      this.#putAside(part);
    }
    this.#offered.clear();
    this.#options.park(this, full, wasOpen);
  }

  /** Of those that wait the next by turns; what was served since it was placed counts. */
  #next(): Part | undefined {
    for (;;) {
      const part = this.#waiting.peek()?.part;
      if (!part || part.account.served <= part.served) {
        if (part) this.#waiting.remove(part.inBucket);
        return part;
      }
      part.served = part.account.served;
      this.#waiting.update(part.inBucket);
    }
  }

  #putAside(part: Part): void {
    this.#place(part);
    this.#waiting.push(part.inBucket);
  }

  #place(part: Part): void {
    part.served = part.account.served;
    part.score = part.first?.score ?? 0;
  }
}

/** The one whose first part is next. */
export function byFirstPart(a: Bucket, b: Bucket): number {
  return a.first && b.first ? byPlaced(a.first, b.first) : 0;
}
