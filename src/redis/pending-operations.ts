import type { Clock } from '../ports/clock.js';
import { type LaneDescription, mayRepeat, type Operation } from './operations.js';

export interface PendingOptions {
  readonly clock: Clock;
  /** Asks for a step. */
  readonly flush: () => void;
  /** Told when operations were given up. */
  readonly onLost: () => void;
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

/** Operations that are to be written, in their order. */
export class PendingOperations {
  readonly #options: PendingOptions;
  #waiting: Pending[] = [];
  readonly #lanes = new Map<string, LaneDescription>();
  #isRetrying = false;
  #isClosed = false;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /**
   * Answers once they are written, or after a moment.
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
      this.#bound();
      if (!this.#isRetrying) this.#options.flush();
    });
  }

  take(): Batch {
    const taken = this.#waiting.splice(0, MAX_BATCH);
    const operations = taken.map(({ operation }) => operation);
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
        if (this.#waiting.length > 0) this.#options.flush();
        else this.#lanes.clear();
      },
      failed: () => {
        this.#waiting = [...taken.filter(({ operation }) => mayRepeat(operation)), ...this.#waiting];
        for (const { operation, done } of taken) if (!mayRepeat(operation)) done();
        this.#retry();
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #retry(): void {
    if (this.#isRetrying || this.#isClosed || this.#waiting.length === 0) return;
    this.#isRetrying = true;
    this.#options.clock.after(RETRY_MS, () => {
      this.#isRetrying = false;
      this.#options.flush();
    });
  }

  #bound(): void {
    if (this.#waiting.length <= MAX_PENDING) return;
    for (const { done } of this.#waiting.splice(0, this.#waiting.length - MAX_PENDING)) done();
    this.#options.onLost();
  }
}
