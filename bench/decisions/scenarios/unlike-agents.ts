import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import { randomOf } from '../chance/random.js';
import { atMost, type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { bestEta } from '../selection/best-eta.js';
import {
  byCost,
  leastAllocated,
  leastConnections,
  powerOfTwo,
  random,
  roundRobin,
} from '../selection/by-cost.js';
import { byStrategy } from '../selection/by-strategy.js';
import type { Agent, Job } from '../selection/fleet.js';
import type { Placer } from '../selection/placer.js';
import { type Ending, runSelection, type World } from '../selection/run-selection.js';
import { fateOf, unlikeAgents } from '../selection/unlike-agents.js';
import { meanOf, quantile } from '../statistics.js';

const HOUR = 3_600_000;
const LASTS = 8 * HOUR;
const LOADS = [0.5, 0.8, 0.9] as const;
const LEAST_MS = 10_000;
const ORACLE = 'best ETA';
const FASTEST = 'truly fastest';
/** Another one would have been done in less than this part of the time. */
const MISASSIGNED = 0.8;

const PLACERS: Readonly<Record<string, (seed: number) => Placer>> = {
  [PRODUCT]: (seed) => byStrategy(STRATEGIES.SHORTEST_EXPECTED, randomOf(seed, 'policy')),
  'least connections': leastConnections,
  'least allocated': leastAllocated,
  'power of two': (seed) => powerOfTwo(randomOf(seed, 'policy')),
  'round robin': roundRobin,
  random: (seed) => random(randomOf(seed, 'policy')),
  // Knows how fast agents really are, and takes the fastest that is free.
  [FASTEST]: () => byCost(({ truth }) => -truth.speed),
};

function run(seed: number, policy: string): Figures {
  return Object.assign({}, ...LOADS.map((load) => atLoad(seed, load, policy)));
}

function atLoad(seed: number, load: number, policy: string): Figures {
  return policy === ORACLE
    ? figuresOf(seed, load, null)
    : figuresOf(seed, load, (PLACERS[policy] as (seed: number) => Placer)(seed));
}

/** @param placer `null`: the oracle. Exported so that a test can try one that is worse */
export function figuresOf(seed: number, load: number, placer: Placer | null): Figures {
  const { agents, jobs } = unlikeAgents(seed, load, LASTS);
  let [choices, wrong] = [0, 0];
  const world: World = {
    agents,
    fateOf,
    onChoice(_job: Job, agent: Agent, free: readonly Agent[]) {
      choices += 1;
      const fastest = Math.max(...free.map(({ truth }) => truth.speed));
      if (agent.truth.speed < MISASSIGNED * fastest) wrong += 1;
    },
  };
  const endings = placer ? runSelection(jobs, placer, world) : bestEta(jobs, world);
  const flow = meanOf(endings.map(flowOf));
  const percent = load * 100;
  return {
    [`oracle${percent}`]: flow / leastFlow(jobs, { agents, fateOf }),
    [`flow${percent}`]: flow,
    [`slowdown${percent}`]: quantile(endings.map(slowdownOf), 0.99),
    [`wrong${percent}`]: choices === 0 ? 0 : wrong / choices,
    [`rare${percent}`]: meanOf(endings.filter(({ job }) => job.kind === 'skill-5').map(flowOf)),
  };
}

/** Of the two that know what nobody can, the better. */
function leastFlow(jobs: readonly Job[], world: World): number {
  const fastest = runSelection(jobs, (PLACERS[FASTEST] as () => Placer)(), world);
  return Math.min(...[bestEta(jobs, world), fastest].map((endings) => meanOf(endings.map(flowOf))));
}

const flowOf = ({ job, ended }: Ending) => ended - job.release;
const slowdownOf = (ending: Ending) => flowOf(ending) / Math.max(LEAST_MS, ending.job.workMs);

export const UNLIKE_AGENTS: Scenario = {
  id: 'S4',
  title: 'Agents that differ',
  about: `Thirty agents with two to four slots; their speeds are lognormal (σ 0.5), three run at a fifth. Of five skills each has three; two have a sixth one as well, whose tasks alone load them by 85 %. Tasks of a skill take a median of 30 s to 8 min (σ 0.8), and longer ones fail more often. All orders are first come, first served; what differs is who gets a task. The oracle gives each task, as it comes, to the agent that will end it first, by what nobody can know; it does not look ahead, so it can be beaten. Misassigned is a choice while another agent that was free is a quarter faster or more`,
  policies: [...Object.keys(PLACERS), ORACLE],
  metrics: LOADS.flatMap((load) => {
    const at = `at ${load * 100} % load`;
    const percent = load * 100;
    const goal = load === 0.8 ? { goal: atMost(1.05, 1) } : {};
    return [
      {
        id: `oracle${percent}`,
        title: `mean flow ÷ the better oracle's ${at}`,
        unit: 'times' as const,
        ...goal,
      },
      { id: `flow${percent}`, title: `mean flow ${at}`, unit: 'ms' as const },
      { id: `slowdown${percent}`, title: `slowdown p99 ${at}`, unit: 'times' as const },
      { id: `wrong${percent}`, title: `misassigned ${at}`, unit: 'share' as const },
      { id: `rare${percent}`, title: `mean flow of the rare skill ${at}`, unit: 'ms' as const },
    ];
  }),
  run,
};
