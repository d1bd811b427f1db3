/**
 * Keeps tasks away from an agent that fails one kind of them again and again where others
 * succeed: it is held back, each time for longer, and gets one task as a probe when the time
 * is over. A probe that succeeds ends it. When most agents fail, the kind itself is suspect
 * and nobody is held. Times in ms on one clock.
 */
export interface Standing {
  /** Failures in a row, whosever fault they were. */
  readonly failing: number;
  /** Those of them that count against the agent. */
  readonly streak: number;
  /** How often it was held back; each success takes one off. */
  readonly level: number;
  readonly hold: { readonly since: number; readonly until: number } | null;
  readonly lastAttempt: number;
  /** `null`: none yet. */
  readonly lastSuccess: number | null;
}

export const NEW_STANDING: Standing = {
  failing: 0,
  streak: 0,
  level: 0,
  hold: null,
  lastAttempt: 0,
  lastSuccess: null,
};

/** Failures in a row after which an agent is held back; one is enough if it was held before. */
const FAILURES = 3;
const FIRST_HOLD_MS = 1_000;
/** The longest hold, and how long one probe may take before another goes. */
const PROBE_EVERY_MS = 60_000;
/** Agents that did nothing for so long don't count in comparisons. */
const RECENT_MS = 10 * 60_000;

export function succeeded(standing: Standing, now: number): Standing {
  const level = Math.max(0, standing.level - 1);
  return { failing: 0, streak: 0, level, hold: null, lastAttempt: now, lastSuccess: now };
}

export interface Failure {
  readonly now: number;
  /** When the agent was chosen for the attempt. */
  readonly began: number;
  /** Whether it counts against the agent. */
  readonly counts: boolean;
  /** Whether the agent may be held back for it. */
  readonly mayHold: boolean;
}

export function failed(before: Standing, { now, began, counts, mayHold }: Failure): Standing {
  const { level, hold } = before;
  const streak = before.streak + (counts ? 1 : 0);
  const after = { ...before, streak, failing: before.failing + 1, lastAttempt: now };
  if (!counts || !mayHold || streak < (level > 0 ? 1 : FAILURES)) return after;
  // What it had been given before it was held says nothing new.
  if (hold && began <= hold.since) return after;
  const holdMs = Math.min(PROBE_EVERY_MS, FIRST_HOLD_MS * 2 ** level);
  return { ...after, level: level + 1, hold: { since: now, until: now + holdMs } };
}

/** After `n` of its failures turned out to be the tasks' own. */
export function forgiven(standing: Standing, n: number): Standing {
  const streak = Math.max(0, standing.streak - n);
  return streak > 0 ? { ...standing, streak } : { ...standing, streak, level: 0, hold: null };
}

/** The agent has been given its probe. */
export function probed(standing: Standing, now: number): Standing {
  const { hold } = standing;
  return hold ? { ...standing, hold: { since: hold.since, until: now + PROBE_EVERY_MS } } : standing;
}

export function isHeld({ hold }: Standing, now: number): boolean {
  return hold !== null && now < hold.until;
}

/** Whether an agent does well at the kind: it has succeeded lately and is not failing. */
export function doesWell(standing: Standing, now: number): boolean {
  const { lastSuccess } = standing;
  return lastSuccess !== null && isRecent(lastSuccess, now) && !isFailing(standing);
}

/** Whether an agent fails again and again. */
export function isFailing({ failing }: Standing): boolean {
  return failing >= FAILURES;
}

/** Whether an attempt still counts in comparisons. */
export function isRecent(lastAttempt: number, now: number): boolean {
  return now - lastAttempt <= RECENT_MS;
}

/** How many agents tried the kind lately, and how many of them fail again and again. */
export interface Tries {
  readonly tried: number;
  readonly failing: number;
}

/** Whether it is the kind rather than its agents: most of them fail, and more than one. */
export function isSuspect({ tried, failing }: Tries): boolean {
  return failing > 1 && failing * 2 > tried;
}
