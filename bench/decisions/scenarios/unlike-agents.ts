import { atMost, type Figures, type Scenario } from '../scenario.js';
import { lastOf } from '../selection/last-of.js';
import { meanFlow, oracleFlow, PLACER_NAMES, place, placerOf } from '../selection/placers.js';
import { RARE_KIND, unlikeAgents } from '../selection/unlike-agents.js';

const LASTS = 8 * 3_600_000;
const LOADS = [0.5, 0.8, 0.9] as const;

const WORLDS = LOADS.map((load) => ({ load, worldOf: lastOf((seed = 0) => worldOf(seed, load)) }));

function run(seed: number, policy: string): Figures {
  const all = WORLDS.map(({ load, worldOf }) => figuresOf(seed, load, policy, worldOf(seed)));
  return Object.assign({}, ...all);
}

function worldOf(seed: number, load: number) {
  const world = unlikeAgents(seed, load, LASTS);
  return { world, leastFlow: oracleFlow(world) };
}

/** The figures of one load. Exported so that a test need not run all. */
export function atLoad(seed: number, load: number, policy: string): Figures {
  return figuresOf(seed, load, policy, worldOf(seed, load));
}

function figuresOf(
  seed: number,
  load: number,
  policy: string,
  { world, leastFlow }: ReturnType<typeof worldOf>,
): Figures {
  const placed = place(world, placerOf(policy, seed), leastFlow);
  const percent = load * 100;
  return {
    [`oracle${percent}`]: placed.oracle,
    [`flow${percent}`]: placed.flow,
    [`slowdown${percent}`]: placed.slowdown,
    [`wrong${percent}`]: placed.wrong,
    [`rare${percent}`]: meanFlow(placed.endings.filter(({ job }) => job.kind === RARE_KIND)),
  };
}

export const UNLIKE_AGENTS: Scenario = {
  id: 'S4',
  title: 'Agents that differ',
  about:
    'Thirty agents with two to four slots; their speeds are lognormal (σ 0.5), three run at a fifth. Of five skills each has three; two agents have a sixth one as well, whose tasks alone load them by 85 %. Tasks of a skill take a median of 30 s to 8 min (σ 0.8), and longer ones fail more often. All go first come, first served; what differs is who gets a task. “Best ETA” gives each task, as it comes, to the agent that will end it first; “truly fastest” takes the fastest that is free. Both know what nobody can, and neither looks ahead. Misassigned is a choice while another agent that was free is a quarter faster or more.',
  policies: PLACER_NAMES,
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
