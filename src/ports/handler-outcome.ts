/** What became of an event that a handler was to be told: `dropped`: it was never told, since too many waited. */
export type HandlerOutcome = 'ok' | 'failed' | 'timed_out' | 'dropped';

/** Told of what became of `count` events. */
export type CountHandled = (handler: string, outcome: HandlerOutcome, count: number) => void;
