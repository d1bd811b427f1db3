import type { AgentSpec, LoadReport } from '../agents/agent.js';
import type { Place } from '../agents/location.js';
import type { Measured } from '../agents/track-record.js';
import type { TaskKeys } from '../tasks/keys.js';
import type { StrategyName } from './strategy-name.js';

/** A connected process of an eligible agent, as strategies see it. */
export interface Candidate {
  readonly agentId: string;
  readonly sessionId: string;
  readonly spec: Pick<AgentSpec, 'weight' | 'region' | 'location'>;
  readonly slots: number;
  readonly inFlight: number;
  /** When it connected. */
  readonly since: number;
  /** When it was last chosen: a number that rises with every choice; 0 if never. */
  readonly lastChosen: number;
  readonly agent: {
    /** What the agent last reported of its machine, and until when that counts. */
    readonly report: { readonly load: LoadReport; readonly until: number } | null;
  };
}

/** A note of WEIGHTED_ROUND_ROBIN. */
export interface Turn {
  /** Weights earned since it was last chosen, less what that cost. */
  earned: number;
}

/** What a choice goes by besides the candidates. Times in ms on one clock. */
export interface Situation {
  readonly now: number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** A strategy's own notes by session id, kept from choice to choice. */
  readonly turns: Map<string, Turn>;
  /** How an agent has done on tasks of this kind. */
  readonly measured: (agentId: string) => Measured;
  /** Where the choice is to say how it came about; left out: nobody asks. */
  readonly note?: ChoiceNote;
}

/** How a choice came about, of the last one that was made with it. */
export interface ChoiceNote {
  /** The figure of the one that was chosen; `null`: the strategy has none, or nobody was there. */
  cost: number | null;
  /** Who would have been next; `null`: nobody, or chance decides. */
  runnerUp: Candidate | null;
  runnerUpCost: number | null;
}

export interface TaskFacts {
  /** Where it would best be done. */
  readonly prefer: Place | null;
  /** What it shares with others, as far as a choice goes by it. `null` or left out: nothing. */
  readonly keys?: Pick<TaskKeys, 'affinity'> | null;
}

/** Negative if `a` goes before `b`; by nothing but what they are themselves. */
export type Order = (a: Candidate, b: Candidate) => number;

export interface Candidates<C extends Candidate> extends Iterable<C> {
  /** Who goes first; `null` if there is none. The order is kept, so that asking again costs next to nothing. */
  first(order: Order): C | null;
  /** Who goes next after that one. */
  second(order: Order): C | null;
}

/** By what a strategy compares: the lowest goes first. */
export interface Figure {
  /** In words, for people. */
  readonly measure: string;
  /** `null`: it goes by chance. */
  readonly costOf: ((candidate: Candidate, task: TaskFacts, situation: Situation) => number) | null;
}

/**
 * Chooses the candidate that gets a task; `null` only if there is none. Equal states choose
 * alike, in whichever order the candidates come (but for RANDOM, which counts them off). What it
 * goes by is its `figure`: one that comes to cost more than the next goes after it.
 */
export interface Strategy {
  <C extends Candidate>(task: TaskFacts, candidates: Candidates<C>, situation: Situation): C | null;
  readonly strategyName: StrategyName;
  readonly figure: Figure;
}

type Choose = <C extends Candidate>(
  task: TaskFacts,
  candidates: Candidates<C>,
  situation: Situation,
) => C | null;

export function strategy(strategyName: StrategyName, figure: Figure, choose: Choose): Strategy {
  return Object.assign(choose, { strategyName, figure });
}

/** The first in an order that is kept. */
export function foremost<C extends Candidate>(
  candidates: Candidates<C>,
  order: Order,
  costOf: (candidate: Candidate) => number,
  note: ChoiceNote | undefined,
): C | null {
  const best = candidates.first(order);
  if (note) {
    const next = best && candidates.second(order);
    note.cost = best && costOf(best);
    note.runnerUp = next;
    note.runnerUpCost = next && costOf(next);
  }
  return best;
}

/**
 * The candidate that costs least, where that goes by more than what it is itself: all are looked at.
 * Among equals goes `byLoad`.
 */
export function cheapest<C extends Candidate>(
  candidates: Iterable<C>,
  costOf: (candidate: C) => number,
  note?: ChoiceNote,
): C | null {
  let best: C | null = null;
  let least = 0;
  let second: C | null = null;
  let next = 0;
  for (const candidate of candidates) {
    const cost = costOf(candidate);
    if (best === null || cost < least || (cost === least && byLoad(candidate, best) < 0)) {
      second = best;
      next = least;
      best = candidate;
      least = cost;
    } else if (second === null || cost < next || (cost === next && byLoad(candidate, second) < 0)) {
      second = candidate;
      next = cost;
    }
  }
  if (note) {
    note.cost = best && least;
    note.runnerUp = second;
    note.runnerUpCost = second && next;
  }
  return best;
}

/** Tasks in flight ÷ capacity. */
export function loadShare({ inFlight, slots }: Candidate): number {
  return inFlight / slots;
}

/** The least loaded first, then the one that was chosen longest ago, then by the agent's id. */
export const byLoad: Order = (a, b) =>
  loadShare(a) - loadShare(b) ||
  a.lastChosen - b.lastChosen ||
  byText(a.agentId, b.agentId) ||
  byText(a.sessionId, b.sessionId);

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
