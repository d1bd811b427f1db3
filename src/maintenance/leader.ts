import type { Clock } from '../ports/clock.js';
import type { Leadership, Leading } from '../ports/leadership.js';
import type { Log } from '../ports/log.js';
import type { Service } from './service.js';
import type { Term } from './term.js';

/** How long leadership lasts on the record's clock, and how often it is renewed, in ms. */
const TTL_MS = 4_000;
const RENEW_MS = 1_000;
/** So much before its end a leader that could not renew takes itself for deposed: clocks run at different speeds. */
const MARGIN_MS = 1_000;
/** How long after the end of another's term this one asks, in ms. */
const AFTER_END_MS = 20;

export interface LeaderOptions {
  readonly leadership: Leadership;
  /** This process's own name, new at each start. */
  readonly holder: string;
  /** Kept up to date; what the services do goes through its guards. */
  readonly term: Term;
  readonly clock: Clock;
  readonly log: Log;
  /** What runs while this process leads; started and stopped in this order, again and again. */
  readonly services: readonly Service[];
}

/**
 * Asks for the leadership again and again, and runs services while it has it. Who cannot renew in
 * time (frozen, or the record away) is deposed by its own monotonic clock, before another can lead.
 */
export function createLeader(options: LeaderOptions): Service {
  const { leadership, holder, term, clock, log, services } = options;
  let running = false;
  /** The question under way; its answer counts only if no other was asked since. */
  let question = 0;
  let answered: Promise<void> = Promise.resolve();
  let cancelNext: () => void = () => undefined;
  let cancelEnd: () => void = () => undefined;
  let serving = false;
  /** Starts and stops of the services, one after the other. */
  let turn: Promise<void> = Promise.resolve();

  function serve(wanted: boolean): void {
    turn = turn.then(async () => {
      if (serving === wanted) return;
      serving = wanted;
      if (wanted) for (const service of services) service.start();
      else for (const service of services) await service.stop();
    });
  }

  function depose(cause: string): void {
    cancelEnd();
    term.end();
    if (serving) log.warn({ holder, why: cause }, 'this coordinator leads no more');
    serve(false);
  }

  function reign(epoch: number, until: number): void {
    // A term that was over, and whose end nobody has noticed yet, is ended first.
    if (serving && !term.leads()) depose('it did not renew in time');
    if (clock.monotonic() >= until) return;
    if (!serving) log.info({ holder, epoch }, 'this coordinator leads the background services');
    cancelEnd();
    cancelEnd = clock.after(until - clock.monotonic(), () => depose('it did not renew in time'));
    term.prolong(until);
    serve(true);
  }

  /** Answers how long to wait with the next question, in ms. */
  function heed(answer: Leading, asked: number): number {
    if (answer.kind === 'HELD') {
      reign(answer.epoch, asked + TTL_MS - MARGIN_MS);
      return RENEW_MS;
    }
    if (serving) depose(`${answer.holder} leads`);
    return Math.min(RENEW_MS, answer.remainingMs + AFTER_END_MS);
  }

  async function ask(): Promise<void> {
    const mine = ++question;
    const asked = clock.monotonic();
    // One that gets no answer is asked again.
    cancelNext = clock.after(TTL_MS, next);
    let waitMs = RENEW_MS;
    try {
      const answer = await leadership.hold(holder, TTL_MS);
      if (mine !== question) return;
      waitMs = heed(answer, asked);
    } catch (error) {
      if (mine !== question) return;
      log.warn({ err: error }, 'the leadership could not be asked for; it is tried again');
    }
    cancelNext();
    cancelNext = clock.after(waitMs, next);
  }

  function next(): void {
    answered = ask();
  }

  /** A question that is answered later would take the leadership again. */
  function untilAnswered(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(RENEW_MS, resolve);
      void answered.finally(() => {
        cancel();
        resolve();
      });
    });
  }

  return {
    start() {
      if (running) return;
      running = true;
      next();
    },
    async stop() {
      if (!running) return turn;
      running = false;
      question += 1;
      cancelNext();
      cancelEnd();
      serve(false);
      await turn;
      term.end();
      await untilAnswered();
      await leadership.giveBack(holder).catch((error: unknown) => {
        log.info({ err: error }, 'the leadership could not be given back; it ends by itself');
      });
    },
  };
}
