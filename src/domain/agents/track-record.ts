import type { TaskResult } from '../tasks/task.js';

/**
 * How attempts at one kind of task went, of one agent or of all. It serves ranking only:
 * eligibility asks for heartbeats. Old attempts weigh less, half after two hours.
 */
export interface Tally {
  /** Attempts that count. */
  readonly attempts: number;
  readonly successes: number;
  /** Sum of ln(duration in ms) over the successes. */
  readonly logMs: number;
  /** Sums over the successes of their durations in ms, and of the squares of these. */
  readonly ms: number;
  readonly msSquared: number;
  /** As of when, in ms. */
  readonly at: number;
}

/** What a tally says of an agent beside the others. */
export interface Measured {
  readonly attempts: number;
  /** From 0 to 1; the prior is the rate of all agents. */
  readonly successRate: number;
  /** Around 1: 2 takes half as long as the others do. */
  readonly speed: number;
}

/** How long tasks of a kind take, from the choice of the agent to the end. */
export interface Durations {
  /** Of how many that was measured; old ones count less. */
  readonly count: number;
  readonly meanMs: number;
  /** Standard deviation ÷ mean. */
  readonly spread: number;
}

export const NO_TALLY: Tally = { attempts: 0, successes: 0, logMs: 0, ms: 0, msSquared: 0, at: 0 };
export const UNMEASURED: Measured = { attempts: 0, successRate: 1, speed: 1 };

/** Attempts that the prior counts for (Beta, n₀): so many of an agent's own weigh as much. */
const PRIOR_ATTEMPTS = 8;
/** What agents can do changes by the day; whoever breaks down is the guard's matter. S4: with 30 min choices missed the fastest twice as often. */
const HALF_LIFE_MS = 2 * 3_600_000;
/** An agent counts as at most so many times faster or slower than the others. */
const MOST_TIMES = 16;

/** What is the task's or the submitter's fault rather than the agent's, by the error's kind. */
const NOT_THE_AGENTS = /validation|payload|^invalid/i;

/** How a result counts for its agent; `null`: not at all. */
export function countsAs({ outcome, error }: TaskResult): 'SUCCEEDED' | 'FAILED' | null {
  if (outcome === 'SUCCEEDED') return 'SUCCEEDED';
  if (outcome === 'CANCELLED' || error?.retryable === false) return null;
  return NOT_THE_AGENTS.test(error?.kind ?? '') ? null : 'FAILED';
}

export function withSuccess(tally: Tally, durationMs: number, now: number): Tally {
  const t = aged(tally, now);
  const logMs = t.logMs + Math.log(Math.max(1, durationMs));
  const ms = t.ms + durationMs;
  const msSquared = t.msSquared + durationMs ** 2;
  return { ...t, attempts: t.attempts + 1, successes: t.successes + 1, logMs, ms, msSquared };
}

export function withFailure(tally: Tally, now: number): Tally {
  const t = aged(tally, now);
  return { ...t, attempts: t.attempts + 1 };
}

/** The tally without `n` failures that turned out to be the task's. */
export function withoutFailures(tally: Tally, n: number): Tally {
  return { ...tally, attempts: Math.max(tally.successes, tally.attempts - n) };
}

/** @param all the tally of all agents, this one included */
export function measure(own: Tally, all: Tally): Measured {
  const usual = (all.successes + PRIOR_ATTEMPTS) / (all.attempts + PRIOR_ATTEMPTS);
  const successRate = (own.successes + PRIOR_ATTEMPTS * usual) / (own.attempts + PRIOR_ATTEMPTS);
  return { attempts: own.attempts, successRate, speed: speedOf(own, all) };
}

/** `null`: nothing has succeeded yet. */
export function durationsOf({ successes, ms, msSquared }: Tally): Durations | null {
  if (successes <= 0 || ms <= 0) return null;
  const meanMs = ms / successes;
  const variance = Math.max(0, msSquared / successes - meanMs ** 2);
  // Of few, the mean of the squares says too little.
  const unbiased = successes > 1.5 ? (variance * successes) / (successes - 1) : meanMs ** 2;
  return { count: successes, meanMs, spread: Math.sqrt(unbiased) / meanMs };
}

function speedOf(own: Tally, all: Tally): number {
  if (own.successes === 0 || all.successes === 0) return 1;
  const faster = all.logMs / all.successes - own.logMs / own.successes;
  const believed = (faster * own.successes) / (own.successes + PRIOR_ATTEMPTS);
  return Math.min(MOST_TIMES, Math.max(1 / MOST_TIMES, Math.exp(believed)));
}

function aged({ attempts, successes, logMs, ms, msSquared, at }: Tally, now: number): Tally {
  const share = at === 0 ? 1 : 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS);
  return {
    attempts: attempts * share,
    successes: successes * share,
    logMs: logMs * share,
    ms: ms * share,
    msSquared: msSquared * share,
    at: now,
  };
}
