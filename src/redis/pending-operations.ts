import type { Clock } from '../ports/clock.js';
import { type LaneDescription, mayRepeat, mayWait, type Operation } from './operations.js';

export interface PendingOptions {
  readonly clock: Clock;
  /** Asks for a step. */
  readonly flush: () => void;
  /** Told when operations were given up. */
  readonly onLost: () => void;
  /** How long what nobody waits for waits for a step that it could go along with, in ms; 0: it takes one at once. */
  readonly lingerMs: number;
}

/** What a step takes along. */
export interface Batch {
  readonly operations: readonly Operation[];
  readonly lanes: Readonly<Record<string, LaneDescription>>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Operations in one step: more would keep Redis from its other work. */
const MAX_BATCH = 1_000;
/** What waits for a Redis that is away; what came first is given up first. The reconciler makes up for it. */
const MAX_PENDING = 100_000;
/** How long a caller waits for its operations to be written: nothing depends on it, since every step takes along what waits. */
const PATIENCE_MS = 2;
/** From so many on callers wait longer, so that Redis can keep up with them. */
const CROWD = 10_000;
const CROWD_PATIENCE_MS = 250;
/** Who has very much to tell waits until it is written, so that others get their turn; not for ever, as Redis may be away. */
const LONG_PATIENCE_MS = 1_000;
const RETRY_MS = 250;

interface Pending {
  readonly operation: Operation;
  readonly done: () => void;
}

const NOBODY = () => undefined;

/** Operations that are to be written, in their order. */
export class PendingOperations {
  readonly #options: PendingOptions;
  #waiting: Pending[] = [];
  readonly #lanes = new Map<string, LaneDescription>();
  /** Of those that wait, how many are waited for. */
  #urgent = 0;
  /** The oldest that waits came then or later; monotonic, ms. */
  #since = 0;
  #isRetrying = false;
  #isLingering = false;
  #isClosed = false;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Nothing that waits could change who is to get what, but for slots that are free again. */
  get isQuiet(): boolean {
    return this.#urgent === 0;
  }

  /**
   * Answers once they are written, or after a moment; at once if nobody waits for any of them.
   *
   * @param isPatient the moment may be a long one
   */
  add(
    operations: readonly Operation[],
    lanes: Readonly<Record<string, LaneDescription>>,
    isPatient = false,
  ): Promise<void> {
    if (operations.length === 0) return Promise.resolve();
    for (const [name, description] of Object.entries(lanes)) this.#lanes.set(name, description);
    if (
      !isPatient &&
      this.#waiting.length < CROWD &&
      operations.every((operation) => this.#mayWait(operation))
    ) {
      if (this.#waiting.length === 0) this.#since = this.#options.clock.monotonic();
      for (const operation of operations) this.#waiting.push({ operation, done: NOBODY });
      this.#flushIfDue();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      let missing = operations.length;
      const shortMs = this.#waiting.length < CROWD ? PATIENCE_MS : CROWD_PATIENCE_MS;
      const stop = this.#options.clock.after(isPatient ? LONG_PATIENCE_MS : shortMs, resolve);
      const done = () => {
        missing -= 1;
        if (missing > 0) return;
        stop();
        resolve();
      };
      for (const operation of operations) this.#waiting.push({ operation, done });
      this.#urgent += this.#countUrgent(operations);
      this.#bound();
      this.#flushIfDue();
    });
  }

  take(): Batch {
    const taken = this.#waiting.splice(0, MAX_BATCH);
    this.#since = this.#options.clock.monotonic();
    const operations = taken.map(({ operation }) => operation);
    const urgent = this.#urgent === 0 ? 0 : this.#countUrgent(operations);
    this.#urgent -= urgent;
    const lanes: Record<string, LaneDescription> = {};
    for (const operation of operations) {
      const description = operation.op === 'add' && this.#lanes.get(operation.l);
      if (description) lanes[operation.l] = description;
    }
    return {
      operations,
      lanes,
      done: () => {
        for (const { done } of taken) done();
        if (this.#waiting.length > 0) this.#flushIfDue();
        else this.#lanes.clear();
      },
      failed: () => {
        const again = taken.filter(({ operation }) => mayRepeat(operation));
        this.#waiting = [...again, ...this.#waiting];
        this.#urgent += urgent === 0 ? 0 : this.#countUrgent(again.map(({ operation }) => operation));
        for (const { operation, done } of taken) if (!mayRepeat(operation)) done();
        this.#retry();
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#urgent = 0;
  }

  #retry(): void {
    if (this.#isRetrying || this.#isClosed || this.#waiting.length === 0) return;
    this.#isRetrying = true;
    this.#options.clock.after(RETRY_MS, () => {
      this.#isRetrying = false;
      this.#options.flush();
    });
  }

  /** Steps are taken for what is waited for, and for much; the rest has time. */
  #flushIfDue(): void {
    if (this.#isRetrying) return;
    if (this.#urgent > 0 || this.#waiting.length >= MAX_BATCH) this.#options.flush();
    else this.#linger();
  }

  #linger(): void {
    if (this.#isLingering) return;
    this.#isLingering = true;
    const { clock, lingerMs, flush } = this.#options;
    const due = this.#since + lingerMs;
    clock.after(Math.max(1, due - clock.monotonic()), () => {
      this.#isLingering = false;
      if (this.#waiting.length === 0 || this.#isRetrying || this.#isClosed) return;
      if (clock.monotonic() < this.#since + lingerMs) this.#linger();
      else flush();
    });
  }

  #bound(): void {
    const excess = this.#waiting.length - MAX_PENDING;
    if (excess <= 0) return;
    const givenUp = this.#waiting.splice(0, excess);
    this.#urgent -= this.#countUrgent(givenUp.map(({ operation }) => operation));
    for (const { done } of givenUp) done();
    this.#options.onLost();
  }

  #countUrgent(operations: readonly Operation[]): number {
    return operations.reduce((count, operation) => (this.#mayWait(operation) ? count : count + 1), 0);
  }

  #mayWait(operation: Operation): boolean {
    return this.#options.lingerMs > 0 && mayWait(operation);
  }
}
