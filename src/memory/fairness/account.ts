import { servedAfter } from '../../domain/order/turns.js';
import { Heap, type HeapItem } from '../../matching/heap.js';
import { byScore } from '../../matching/lanes.js';
import type { Entry } from '../entry.js';
import type { Charged } from './charged.js';

/** Stands for a part in one of the orders that it is in. */
export interface Place extends HeapItem {
  readonly part: Part;
}

/** Waiting tasks of a lane with the same fairness key and the same limits. */
export class Part {
  readonly account: Account;
  /** Names its limits. */
  readonly key: string;
  readonly tasks: Heap<Entry>;
  /** Where it is while its tasks may go: in its account's order, and in that of the whole lane. */
  readonly inAccount: Place = { at: -1, part: this };
  readonly inLane: Place = { at: -1, part: this };
  /** Where it is while they may not. */
  readonly inBucket: Place = { at: -1, part: this };
  /** By what it was placed there. */
  served = 0;
  score = 0;

  constructor(account: Account, key: string, tasks = new Heap<Entry>(byScore)) {
    this.account = account;
    this.key = key;
    this.tasks = tasks;
  }

  get first(): Entry | undefined {
    return this.tasks.peek();
  }
}

/** What a fairness key was served in a lane, and its tasks there. */
export class Account implements HeapItem, Charged {
  at = -1;
  readonly key: string | null;
  /** Those of its parts whose tasks may go. */
  readonly offered = new Heap<Place>(byFirst);
  /** By their limits. */
  readonly parts = new Map<string, Part>();
  readonly #onServed: (account: Account, before: number) => void;
  served = 0;

  constructor(key: string | null, onServed: (account: Account, before: number) => void) {
    this.key = key;
    this.#onServed = onServed;
  }

  charge(ms: number): void {
    const before = this.served;
    this.served = servedAfter(before, ms, 1);
    this.#onServed(this, before);
  }
}

/** The one whose first task goes before the other's. */
export function byFirst({ part: a }: Place, { part: b }: Place): number {
  return a.first && b.first ? byScore(a.first, b.first) : 0;
}

/** By whose turn it was when they were placed, then by their first tasks. */
export function byPlaced(a: Place, b: Place): number {
  return a.part.served - b.part.served || a.part.score - b.part.score || byFirst(a, b);
}

/** The one that was served less goes first, then the one with the first task. */
export function byServed(a: Account, b: Account): number {
  const [x, y] = [a.offered.peek(), b.offered.peek()];
  return a.served - b.served || (x && y ? byFirst(x, y) : 0);
}
