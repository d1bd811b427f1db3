import { ReeveError } from '../domain/errors.js';
import type { Clock } from '../ports/clock.js';
import type { CountHandled } from '../ports/handler-outcome.js';
import type { Log } from '../ports/log.js';
import { EVENT_PATTERNS, frozen, type Happening } from './event.js';
import { type Handler, HandlerLine } from './handler-line.js';

/** Handlers that are registered at a time; one that registers again and again would fill the memory. */
const MAX_HANDLERS = 1_000;

export interface HandlerRegistry {
  /**
   * Tells `handler` of events from now on.
   *
   * @param pattern one of `EVENT_PATTERNS`
   * @param name for the log and for metrics
   * @returns what unregisters it: it is never called again, what waited for it is forgotten
   * @throws INVALID_ARGUMENT no such pattern, or no function; RESOURCE_EXHAUSTED there are 1,000 already
   */
  on(pattern: string, name: string, handler: Handler): () => void;
  /** Whether anybody is to be told of it. */
  wants(subject: Happening['subject']): boolean;
  tell(events: readonly Happening[]): void;
  /** Events that could not be read are counted with all who might have been told. */
  dropped(subject: Happening['subject'], count: number): void;
  /** Waits at most `graceMs` for what handlers are still to be told; the rest is dropped. */
  stop(graceMs: number): Promise<void>;
}

interface Registered {
  readonly pattern: string;
  readonly line: HandlerLine;
}

export function createHandlerRegistry(world: {
  readonly clock: Clock;
  readonly log: Log;
  readonly count: CountHandled;
}): HandlerRegistry {
  const { clock } = world;
  const registered = new Set<Registered>();

  const wanting = (subject: string) =>
    [...registered].filter(({ pattern }) => pattern === '*' || pattern.split('.')[0] === subject);

  return {
    on(pattern, name, handler) {
      if (typeof handler !== 'function') throw invalid(`the handler of ${name} is no function`);
      if (!EVENT_PATTERNS.has(pattern)) {
        throw invalid(
          `there are no events "${pattern}"; there are *, task, workflow, task.SUCCEEDED and such`,
        );
      }
      if (registered.size >= MAX_HANDLERS) {
        const message = `there are ${MAX_HANDLERS} event handlers already`;
        throw new ReeveError('RESOURCE_EXHAUSTED', 'TOO_MANY_EVENT_HANDLERS', message);
      }
      const one = { pattern, line: new HandlerLine({ ...world, name, handler }) };
      registered.add(one);
      return () => {
        registered.delete(one);
        one.line.end();
      };
    },
    wants: (subject) => wanting(subject).length > 0,
    tell(events) {
      const told = [...registered];
      for (const event of events) {
        frozen(event);
        const type = `${event.subject}.${event.type}`;
        for (const { pattern, line } of told) {
          if (pattern === '*' || pattern === event.subject || pattern === type) line.add(event);
        }
      }
    },
    dropped(subject, count) {
      for (const { line } of wanting(subject)) line.dropped(count);
    },
    async stop(graceMs) {
      const lines = [...registered].map(({ line }) => line);
      let cancel = () => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(graceMs, resolve);
      });
      await Promise.race([Promise.all(lines.map((line) => line.idle())), late]);
      cancel();
      for (const line of lines) line.dropped(line.waiting);
      for (const line of lines) line.end();
      registered.clear();
    },
  };
}

function invalid(message: string): ReeveError {
  return new ReeveError('INVALID_ARGUMENT', 'EVENT_HANDLER_INVALID', message);
}
