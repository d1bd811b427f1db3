/**
 * Health of an agent, 0 to 1, from its heartbeats alone: the share of the expected beats
 * that came within a sliding window, lowered by the age of the last one. Success and
 * failure of tasks do not count: one bad batch would take the whole fleet out.
 */
export interface Heartbeats {
  /** When the agent was first heard of, or came back after being stale; ms. */
  readonly since: number;
  /** When it was last heard of; ms, 0 if never. */
  readonly last: number;
  /** Beats within the window at least half an interval apart, oldest first; ms. */
  readonly counted: readonly number[];
}

export interface HealthRules {
  /** How often a beat is expected, in ms. */
  readonly intervalMs: number;
  /** Over how many intervals the share is taken. */
  readonly windowIntervals: number;
  /** After how long without a beat the agent is stale and its health 0, in ms. */
  readonly staleAfterMs: number;
}

export const NO_HEARTBEATS: Heartbeats = { since: 0, last: 0, counted: [] };

/** The history with a beat at `now` added. */
export function withBeat(h: Heartbeats, now: number, rules: HealthRules): Heartbeats {
  if (isStale(h, now, rules)) return { since: now, last: now, counted: [now] };
  const previous = h.counted.at(-1) ?? 0;
  if (now - previous < rules.intervalMs / 2) return { ...h, last: now };
  const from = now - rules.windowIntervals * rules.intervalMs;
  return { since: h.since, last: now, counted: [...h.counted.filter((b) => b > from), now] };
}

export function isStale(h: Heartbeats, now: number, rules: HealthRules): boolean {
  return now - h.last > rules.staleAfterMs;
}

export function healthScore(h: Heartbeats, now: number, rules: HealthRules): number {
  if (isStale(h, now, rules)) return 0;
  const windowMs = Math.min(rules.windowIntervals * rules.intervalMs, now - h.since);
  const expected = Math.max(1, Math.floor(windowMs / rules.intervalMs));
  const seen = h.counted.filter((b) => b >= now - windowMs).length;
  const regularity = Math.min(1, seen / expected);
  const late = Math.max(0, now - h.last - rules.intervalMs);
  const freshness = 1 - late / Math.max(1, rules.staleAfterMs - rules.intervalMs);
  return Math.max(0, Math.min(1, regularity * freshness));
}
