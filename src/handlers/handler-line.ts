import type { Clock } from '../ports/clock.js';
import type { CountHandled, HandlerOutcome } from '../ports/handler-outcome.js';
import type { Log } from '../ports/log.js';
import { type Happening, subjectIdOf } from './event.js';

/** What is called with events; what a promise of it becomes is waited for. */
export type Handler = (event: Happening) => unknown;

/** How long one call may take, in ms. */
export const DEADLINE_MS = 10_000;
/** Events that wait for one handler; further ones are dropped. */
export const MAX_WAITING = 10_000;
/** Calls of one handler that are under way at a time, each of another task or workflow. */
const AT_ONCE = 32;
/** How long calls follow each other before others get their turn, in ms. */
const TURN_MS = 10;
const LOG_EVERY_MS = 1_000;

export interface HandlerLineOptions {
  /** For people: `./audit.mjs#onTaskEvent`. */
  readonly name: string;
  readonly handler: Handler;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: CountHandled;
}

/**
 * The events that one handler is still to be told of. Those of one task or workflow come one after the other,
 * others side by side. Whatever the handler does ends with its call, which is given up after its deadline.
 */
export class HandlerLine {
  readonly #options: HandlerLineOptions;
  /** Whose turn it is; of each subject the first one, while none of it is under way. */
  readonly #ready: Happening[] = [];
  /** What comes after an event that is ready or under way, by its subject. */
  readonly #later = new Map<string, Happening[]>();
  #waiting = 0;
  #running = 0;
  #isCalling = false;
  #isEnded = false;
  #failures = 0;
  #quietUntil = 0;
  #onIdle: () => void = () => {};

  constructor(options: HandlerLineOptions) {
    this.#options = options;
  }

  add(event: Happening): void {
    if (this.#isEnded) return;
    if (this.#waiting >= MAX_WAITING) {
      this.dropped(1);
      return;
    }
    this.#waiting += 1;
    const id = subjectIdOf(event);
    const later = this.#later.get(id);
    if (later) later.push(event);
    else {
      this.#later.set(id, []);
      this.#ready.push(event);
    }
    this.#call();
  }

  /** Events that it will never be told of. */
  dropped(count: number): void {
    if (count > 0 && !this.#isEnded) this.#over('dropped', count);
  }

  /** Events that it is still to be told of. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Forgets what waits; it is never called again. */
  end(): void {
    this.#isEnded = true;
    this.#waiting = 0;
    this.#ready.length = 0;
    this.#later.clear();
    this.#onIdle();
  }

  /** Resolves when it has been told of everything and no call is under way. */
  async idle(): Promise<void> {
    while (!this.#isEnded && this.#waiting + this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  #call(): void {
    if (this.#isCalling) return;
    const { clock } = this.#options;
    this.#isCalling = true;
    const until = clock.monotonic() + TURN_MS;
    while (this.#running < AT_ONCE) {
      const event = this.#ready.shift();
      if (!event) break;
      this.#waiting -= 1;
      this.#tell(event);
      if (clock.monotonic() >= until && this.#ready.length > 0) {
        clock.after(0, () => {
          this.#isCalling = false;
          this.#call();
        });
        return;
      }
    }
    this.#isCalling = false;
    if (this.#waiting + this.#running === 0) this.#onIdle();
  }

  #tell(event: Happening): void {
    const { handler, clock } = this.#options;
    let answer: unknown;
    try {
      answer = handler(event);
      if (!isPromise(answer)) {
        this.#ended(event, 'ok');
        return;
      }
    } catch (error) {
      this.#ended(event, 'failed', error);
      return;
    }
    this.#running += 1;
    let isOpen = true;
    const end = (outcome: HandlerOutcome, error?: unknown) => {
      if (!isOpen) return;
      isOpen = false;
      giveUp();
      this.#running -= 1;
      this.#ended(event, outcome, error);
      this.#call();
    };
    const giveUp = clock.after(DEADLINE_MS, () => end('timed_out'));
    Promise.resolve(answer).then(
      () => end('ok'),
      (error: unknown) => end('failed', error),
    );
  }

  #ended(event: Happening, outcome: HandlerOutcome, error?: unknown): void {
    this.#over(outcome, 1, error);
    const id = subjectIdOf(event);
    const later = this.#later.get(id);
    const next = later?.shift();
    if (next) this.#ready.push(next);
    else this.#later.delete(id);
  }

  #over(outcome: HandlerOutcome, count: number, error?: unknown): void {
    const { name, clock, log, count: counted } = this.#options;
    counted(name, outcome, count);
    if (outcome === 'ok') return;
    this.#failures += count;
    const now = clock.monotonic();
    if (now < this.#quietUntil) return;
    const fields = { handler: name, outcome, events: this.#failures };
    log.warn(error === undefined ? fields : { ...fields, err: error }, 'events were not handled');
    this.#failures = 0;
    this.#quietUntil = now + LOG_EVERY_MS;
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
