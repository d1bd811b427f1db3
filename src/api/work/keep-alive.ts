import { durationOf } from '../mapping/time.js';
import { workResponse } from './messages.js';
import type { Session } from './session.js';

/** Signs of life a second, all streams together; with more agents each hears them less often. */
const MOST_PER_SECOND = 1_000;

interface Told {
  /** Monotonic, ms: when it was seen last that something was sent. */
  at: number;
  /** What the stream's outbox had counted then. */
  sent: number;
  /** What the agent counts on, in ms. 0: it was told nothing yet. */
  withinMs: number;
}

/**
 * Says something to every agent often enough that one whose coordinator has frozen looks for
 * another within seconds. What else is sent counts as well, and nobody answers: a stream with
 * work on it costs nothing more, one without a message of a few bytes now and then.
 */
export class KeepAlive {
  readonly #leastMs: number;
  readonly #told = new Map<Session, Told>();

  /** @param leastMs how often a few agents hear of the server, in ms */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  added(session: Session): void {
    this.#told.set(session, { at: 0, sent: 0, withinMs: 0 });
  }

  removed(session: Session): void {
    this.#told.delete(session);
  }

  /** To be called a few times in the shortest interval. */
  sweep(now: number): void {
    const withinMs = Math.max(this.#leastMs, (this.#told.size * 1_000) / MOST_PER_SECOND);
    for (const [session, told] of this.#told) {
      const { outbox } = session;
      if (!session.live || !outbox.keepsUp) continue;
      const isNew = told.withinMs === 0;
      if (!isNew && outbox.sent !== told.sent) Object.assign(told, { at: now, sent: outbox.sent });
      if (!isNew && now - told.at < told.withinMs) continue;
      session.send(workResponse({ case: 'keepAlive', value: { within: durationOf(withinMs) } }));
      Object.assign(told, { at: now, sent: outbox.sent, withinMs });
    }
  }
}
