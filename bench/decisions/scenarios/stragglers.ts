import type { Random } from '../chance/random.js';
import type { Figures, Scenario } from '../scenario.js';
import { oracleFlow, PLACER_NAMES, place, placerOf } from '../selection/placers.js';
import { unlikeAgents } from '../selection/unlike-agents.js';

const LASTS = 8 * 3_600_000;
const LOAD = 0.8;
const STRAGGLERS = 0.03;
const TIMES = 10;
/** What stragglers add to the work there is. */
const MORE = 1 + STRAGGLERS * (TIMES - 1);

const stretch = (roll: Random) => (roll() < STRAGGLERS ? TIMES : 1);

/** Exported so that a test can take less time. */
export function amongStragglers(seed: number, policy: string, lastsMs = LASTS): Figures {
  const world = unlikeAgents(seed, LOAD / MORE, lastsMs, stretch);
  const { oracle, flow, slowdown, wrong } = place(world, placerOf(policy, seed), oracleFlow(world));
  return { oracle, flow, slowdown, wrong };
}

export const STRAGGLERS_AMONG: Scenario = {
  id: 'S5',
  title: 'Stragglers',
  about:
    'As S4 at 80 % load in all, but three tasks in a hundred take ten times as long, whoever does them. Who measures agents by what they took must not take the unlucky ones for slow.',
  policies: PLACER_NAMES,
  metrics: [
    { id: 'oracle', title: "mean flow ÷ the better oracle's", unit: 'times' },
    { id: 'flow', title: 'mean flow', unit: 'ms' },
    { id: 'slowdown', title: 'slowdown p99', unit: 'times' },
    { id: 'wrong', title: 'misassigned', unit: 'share' },
  ],
  run: (seed, policy) => amongStragglers(seed, policy),
};
