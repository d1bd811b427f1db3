import { Counter, type Registry } from 'prom-client';
import type { CountHandled } from '../ports/handler-outcome.js';

/** What became of the events that handlers of this coordinator were to be told of. */
export function createHandlerMetrics(registry: Registry): CountHandled {
  const calls = new Counter({
    name: 'reeve_event_handler_calls_total',
    help: 'Events for handlers, by handler; outcome: ok, failed, timed_out, or dropped since too many waited',
    labelNames: ['handler', 'outcome'],
    registers: [registry],
  });
  return (handler, outcome, count) => calls.inc({ handler, outcome }, count);
}
