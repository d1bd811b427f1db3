import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import { randomOf } from '../chance/random.js';
import { PRODUCT } from '../scenario.js';
import { meanOf, quantile } from '../statistics.js';
import { bestEta } from './best-eta.js';
import { byCost, leastAllocated, leastConnections, powerOfTwo, random, roundRobin } from './by-cost.js';
import { byStrategy } from './by-strategy.js';
import type { Agent, Job } from './fleet.js';
import type { Placer } from './placer.js';
import { type Ending, runSelection } from './run-selection.js';
import { fateOf, type UnlikeAgents } from './unlike-agents.js';

const ORACLE = 'best ETA';
const LEAST_MS = 10_000;
/** Another one would have been done in less than this part of the time. */
const MISASSIGNED = 0.8;

/** Knows how fast agents really are, and takes the fastest that is free. */
const trulyFastest = () => byCost(({ truth }) => -truth.speed);

const PLACERS: Readonly<Record<string, (seed: number) => Placer>> = {
  [PRODUCT]: (seed) => byStrategy(STRATEGIES.SHORTEST_EXPECTED, randomOf(seed, 'policy')),
  'least connections': leastConnections,
  'least allocated': leastAllocated,
  'power of two': (seed) => powerOfTwo(randomOf(seed, 'policy')),
  'round robin': roundRobin,
  random: (seed) => random(randomOf(seed, 'policy')),
  'truly fastest': trulyFastest,
};

/** Those that say who gets a task; the last two know what nobody can. */
export const PLACER_NAMES = [...Object.keys(PLACERS), ORACLE];

/** @returns `null`: the oracle, which goes by no placer */
export function placerOf(name: string, seed: number): Placer | null {
  return PLACERS[name]?.(seed) ?? null;
}

export interface PlacedFigures {
  /** Mean flow ÷ that of the better of the two that know what nobody can. */
  readonly oracle: number;
  readonly flow: number;
  readonly slowdown: number;
  readonly wrong: number;
  readonly endings: readonly Ending[];
}

/** The mean flow of the better of the two that know what nobody can. */
export function oracleFlow({ agents, jobs }: UnlikeAgents): number {
  const fastest = runSelection(jobs, trulyFastest(), { agents, fateOf });
  return Math.min(meanFlow(bestEta(jobs, { agents, fateOf })), meanFlow(fastest));
}

/** @param placer `null`: the oracle. @param oracleFlow as of above */
export function place(
  { agents, jobs }: UnlikeAgents,
  placer: Placer | null,
  oracleFlow: number,
): PlacedFigures {
  let [choices, wrong] = [0, 0];
  const onChoice = (_job: Job, agent: Agent, free: readonly Agent[]) => {
    choices += 1;
    const fastest = Math.max(...free.map(({ truth }) => truth.speed));
    if (agent.truth.speed < MISASSIGNED * fastest) wrong += 1;
  };
  const endings = placer
    ? runSelection(jobs, placer, { agents, fateOf, onChoice })
    : bestEta(jobs, { agents, fateOf });
  const flow = meanFlow(endings);
  return {
    oracle: flow / oracleFlow,
    flow,
    slowdown: quantile(endings.map(slowdownOf), 0.99),
    wrong: choices === 0 ? 0 : wrong / choices,
    endings,
  };
}

export function meanFlow(endings: readonly Ending[]): number {
  return meanOf(endings.map(({ job, ended }) => ended - job.release));
}

function slowdownOf({ job, ended }: Ending): number {
  return (ended - job.release) / Math.max(LEAST_MS, job.workMs);
}
