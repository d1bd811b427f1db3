import type { AgentStanding } from '../../ports/ready-index.js';

/** What a task takes where nothing is known of any. */
const UNKNOWN_MS = 60_000;

/** What the built-in bid goes by. */
export interface Expected {
  /** How long such tasks take with this agent, in ms. */
  readonly runsMs: number;
  /** How long until it has room, in ms. */
  readonly freeInMs: number;
}

/** @param usualMs how long such tasks take with anybody; `null`: nobody knows */
export function expectedOf(
  { measured, meanMs, inFlight, slots, credit }: AgentStanding,
  usualMs: number | null,
): Expected {
  const runsMs = meanMs ?? (usualMs ?? UNKNOWN_MS) / measured.speed;
  // Of several that run the first is over after a share of the time that one takes.
  const freeInMs = credit > 0 ? 0 : (runsMs * Math.max(1, inFlight - slots + 1)) / Math.max(1, slots);
  return { runsMs, freeInMs };
}
