import type { Clock } from '../../ports/clock.js';
import { durationOf } from '../mapping/time.js';
import { workResponse } from './messages.js';
import type { Session } from './session.js';

/** Streams live from so much of the setting to so much more. */
const SPREAD = 0.2;
/** Within what time those who are asked are to come back, in ms: all of a restarted fleet are old at once. */
const JITTER_MS = 5_000;
/** How long a stream goes on that was asked to move, in ms; then it is ended. */
const PATIENCE_MS = 60_000;

interface Due {
  readonly at: number;
  readonly wasAsked: boolean;
}

export interface RotationOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** How old streams become, in ms, give or take a fifth. */
  readonly ageMs: number;
}

/**
 * Asks agents to open their streams anew once those are old, so that streams spread again over
 * the coordinators there are. The old stream takes work until the new one is greeted.
 */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #due = new Map<Session, Due>();

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  added(session: Session): void {
    const { clock, random, ageMs } = this.#options;
    const age = ageMs * (1 - SPREAD + 2 * SPREAD * random());
    this.#due.set(session, { at: clock.monotonic() + age, wasAsked: false });
  }

  removed(session: Session): void {
    this.#due.delete(session);
  }

  /** To be called often. */
  sweep(now: number): void {
    for (const [session, { at, wasAsked }] of [...this.#due]) {
      if (now < at) continue;
      if (wasAsked) {
        session.ended();
        continue;
      }
      // The greeting is not over: it will be asked when it is.
      if (!session.live) continue;
      const inMs = Math.min(JITTER_MS, this.#options.ageMs / 10) * this.#options.random();
      this.#due.set(session, { at: now + inMs + PATIENCE_MS, wasAsked: true });
      session.send(
        workResponse({ case: 'goAway', value: { reason: 'ROTATE', reconnectAfter: durationOf(inMs) } }),
      );
    }
  }
}
