import { type Candidate, type ChoiceNote, loadShare, type Strategy } from './strategy.js';

/** What decides between two that cost the same. */
export type TieBreak = 'LOAD' | 'LAST_CHOSEN' | 'ID';

/** How an agent was chosen, as the trail keeps it; see `Selection` in task_explanation.proto. */
export interface Selection {
  /** A load-balancing strategy, AFFINITY, STATIC, PLAN_RETRIEVE or ADDRESSED. */
  readonly strategy: string;
  /** The figure of the one that was chosen; the lowest goes first. Left out: the strategy has none. */
  readonly cost?: number;
  /** Who would have been next; of AFFINITY: whom the strategy in force would have chosen. Left out: nobody else. */
  readonly runner_up?: string;
  readonly runner_up_cost?: number;
  /** Where both cost the same: by what the one that was chosen goes first all the same. */
  readonly tie?: TieBreak;
  /** How many processes of agents were free. */
  readonly free: number;
}

/** Of a task that only one agent may get. */
export function addressedTo(free: number): Selection {
  return { strategy: 'ADDRESSED', free };
}

/** Of a task that goes to an agent that did one of the same affinity key lately. @param other whom its strategy named */
export function warmFor(chosen: Candidate, other: Candidate, free: number): Selection {
  if (other.agentId === chosen.agentId) return { strategy: 'AFFINITY', free };
  return { strategy: 'AFFINITY', runner_up: other.agentId, free };
}

/** How a strategy has chosen, by what it noted of it. Its candidates are still as they were. */
export function selectionOf(
  { strategyName }: Strategy,
  chosen: Candidate,
  { cost, runnerUp, runnerUpCost }: ChoiceNote,
  free: number,
): Selection {
  if (cost === null) return { strategy: strategyName, free };
  if (runnerUp === null || runnerUpCost === null) return { strategy: strategyName, cost, free };
  const runner_up = runnerUp.agentId;
  const runner_up_cost = runnerUpCost;
  if (cost !== runnerUpCost) return { strategy: strategyName, cost, runner_up, runner_up_cost, free };
  const tie = tieBreak(strategyName, chosen, runnerUp);
  return { strategy: strategyName, cost, runner_up, runner_up_cost, tie, free };
}

function tieBreak(strategyName: Strategy['strategyName'], a: Candidate, b: Candidate): TieBreak {
  if (strategyName === 'WEIGHTED_ROUND_ROBIN') return 'ID';
  if (loadShare(a) !== loadShare(b)) return 'LOAD';
  return a.lastChosen === b.lastChosen ? 'ID' : 'LAST_CHOSEN';
}
