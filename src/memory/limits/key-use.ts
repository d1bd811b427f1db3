import type { KeyLimit } from '../../domain/limits/org-limits.js';
import type { Clock } from '../../ports/clock.js';

/** Waits until a limit has room. */
export interface LimitWaiter {
  /** There may be room for so many more. Whether any of it is still waiting. */
  roomMade(room: number): boolean;
}

/** What stands against another task of a key. Times monotonic, ms. */
export type Full =
  | { readonly kind: 'CONCURRENT'; readonly most: number }
  | { readonly kind: 'RATE'; readonly most: number; readonly periodMs: number; readonly until: number };

/** What of one limit key is with agents, what was started of it lately, and who waits for it. */
export class KeyUse {
  readonly #clock: Clock;
  readonly #isReady: () => boolean;
  readonly #waiters = new Set<LimitWaiter>();
  /** When tasks of it were given out, within the period of its rate: ms, monotonic; ascending. */
  #starts: number[] = [];
  #limit: KeyLimit | null;
  #isLooking = false;
  inUse = 0;
  /** Groups of waiting tasks that name it. */
  named = 0;

  constructor(clock: Clock, limit: KeyLimit | null, isReady: () => boolean) {
    this.#clock = clock;
    this.#limit = limit;
    this.#isReady = isReady;
  }

  /** Nobody would miss it. */
  get isSpent(): boolean {
    this.#forgetOld();
    return this.inUse === 0 && this.named === 0 && this.#starts.length === 0;
  }

  /** How many more may be given out now. */
  room(): number {
    const limit = this.#limit;
    if (!limit) return Number.POSITIVE_INFINITY;
    if (!this.#isReady()) return 0;
    this.#forgetOld();
    const { maxConcurrent, rate } = limit;
    const slots = maxConcurrent === null ? Number.POSITIVE_INFINITY : maxConcurrent - this.inUse;
    const starts = rate === null ? Number.POSITIVE_INFINITY : rate.count - this.#starts.length;
    return Math.max(0, Math.min(slots, starts));
  }

  /** What it is full by; `null`: it has room, or it is not known what runs. */
  full(): Full | null {
    const limit = this.#limit;
    if (!limit || this.room() > 0 || !this.#isReady()) return null;
    const { maxConcurrent, rate } = limit;
    if (maxConcurrent !== null && this.inUse >= maxConcurrent) {
      return { kind: 'CONCURRENT', most: maxConcurrent };
    }
    const until = this.#roomAt();
    return rate && until !== null
      ? { kind: 'RATE', most: rate.count, ...{ periodMs: rate.periodMs, until } }
      : null;
  }

  setLimit(limit: KeyLimit | null): void {
    this.#limit = limit;
    if (!limit?.rate) this.#starts = [];
    this.tellRoom();
  }

  /** A task of it was reserved. @returns its start, to be given back if nothing comes of it */
  begin(): number {
    this.inUse += 1;
    const now = this.#clock.monotonic();
    if (this.#limit?.rate) this.#starts.push(now);
    return now;
  }

  end(): void {
    this.inUse -= 1;
  }

  /** Nothing has come of a start. */
  giveBack(start: number): void {
    const at = this.#starts.lastIndexOf(start);
    if (at >= 0) this.#starts.splice(at, 1);
  }

  /** It was started so often, as the record has it; to be told in the order of time. */
  started(time: number, count: number): void {
    const { rate } = this.#limit ?? {};
    if (!rate) return;
    for (let n = Math.min(count, rate.count); n > 0; n -= 1) this.#starts.push(time);
  }

  /** To be told when there is room again. */
  wait(waiter: LimitWaiter): void {
    this.#waiters.add(waiter);
    this.#look();
  }

  leave(waiter: LimitWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** To be called after there may have become room. */
  tellRoom(): void {
    const room = this.room();
    if (room === 0) this.#look();
    else for (const waiter of [...this.#waiters]) if (!waiter.roomMade(room)) this.#waiters.delete(waiter);
  }

  /** When the rate lets another one go; `null`: it is not what stands against it. */
  #roomAt(): number | null {
    const { rate } = this.#limit ?? {};
    if (!rate) return null;
    const first = this.#starts[this.#starts.length - rate.count];
    return first === undefined ? null : first + rate.periodMs;
  }

  /** Looks again when the rate has room. */
  #look(): void {
    if (this.#isLooking || this.#waiters.size === 0 || !this.#isReady()) return;
    const until = this.#roomAt();
    if (until === null) return;
    this.#isLooking = true;
    this.#clock.after(Math.max(1, Math.ceil(until - this.#clock.monotonic())), () => {
      this.#isLooking = false;
      this.tellRoom();
    });
  }

  #forgetOld(): void {
    const { rate } = this.#limit ?? {};
    const since = this.#clock.monotonic() - (rate?.periodMs ?? 0);
    const first = this.#starts.findIndex((start) => start > since);
    if (first !== 0) this.#starts.splice(0, first < 0 ? this.#starts.length : first);
  }
}
