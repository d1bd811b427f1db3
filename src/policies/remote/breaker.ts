import type { Clock } from '../../ports/clock.js';

/** What a call is: one of many, or the one that finds out whether the service is back. */
export type Pass = 'CALL' | 'PROBE';

export interface BreakerOptions {
  readonly clock: Clock;
  /** Told when it opens, and when it closes again. */
  readonly onChange?: (isOpen: boolean) => void;
}

/** Failures in a row after which it opens. */
const FAILURES = 5;
/** How long it is open at first, in ms; twice as long after each probe that fails. */
const OPEN_MS = 1_000;
const MAX_OPEN_MS = 30_000;

/**
 * Spares a service that is away, and those that would wait for it: after repeated failures nothing is sent
 * for a while, then one call at a time until one is answered.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #onChange: (isOpen: boolean) => void;
  #failures = 0;
  #openMs = OPEN_MS;
  /** On the monotonic clock; `null`: closed. */
  #openUntil: number | null = null;
  #isProbing = false;

  constructor({ clock, onChange }: BreakerOptions) {
    this.#clock = clock;
    this.#onChange = onChange ?? (() => undefined);
  }

  get isOpen(): boolean {
    return this.#openUntil !== null;
  }

  /** `null`: nothing may be sent now. Whoever has a pass says how it ended. */
  enter(): Pass | null {
    if (this.#openUntil === null) return 'CALL';
    if (this.#isProbing || this.waitMs() > 0) return null;
    this.#isProbing = true;
    return 'PROBE';
  }

  /** How long nothing may be sent, in ms; 0: it may. */
  waitMs(): number {
    return this.#openUntil === null ? 0 : Math.max(0, this.#openUntil - this.#clock.monotonic());
  }

  /** The service has answered, be it an error. */
  answered(pass: Pass): void {
    if (pass === 'PROBE') this.#isProbing = false;
    else if (this.#openUntil !== null) return;
    this.#failures = 0;
    this.#openMs = OPEN_MS;
    if (this.#openUntil === null) return;
    this.#openUntil = null;
    this.#onChange(false);
  }

  /** It has not. */
  failed(pass: Pass): void {
    if (pass === 'PROBE') {
      this.#isProbing = false;
      this.#openMs = Math.min(this.#openMs * 2, MAX_OPEN_MS);
    } else if (this.#openUntil !== null || ++this.#failures < FAILURES) {
      return;
    }
    const wasOpen = this.#openUntil !== null;
    this.#openUntil = this.#clock.monotonic() + this.#openMs;
    if (!wasOpen) this.#onChange(true);
  }

  /** The call was not made, or its end says nothing. */
  abandoned(pass: Pass): void {
    if (pass === 'PROBE') this.#isProbing = false;
  }
}
