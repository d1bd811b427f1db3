import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import { WARM_FOR_MS } from '../../../src/domain/selection/warm-agents.js';
import { below, exponential, lognormal, lognormalMean, normal } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';
import { type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { leastConnections, random, roundRobin } from '../selection/by-cost.js';
import { byStrategy, Records } from '../selection/by-strategy.js';
import type { AgentTruth, Job } from '../selection/fleet.js';
import type { Placer } from '../selection/placer.js';
import { runSelection } from '../selection/run-selection.js';
import { withAffinity } from '../selection/with-affinity.js';
import { meanOf, quantile } from '../statistics.js';

const SECOND = 1_000;
const LASTS = 8 * 3_600 * SECOND;
const AGENTS = 20;
const SLOTS = 2;
const SPEED_SIGMA = 0.3;
const LOAD = 0.8;
const WIDEST = 32;
const DEPTH = 3;
const KIND = 'step';
const MEDIAN = 60 * SECOND;
const SIGMA = 0.8;
/** What a context that has to be made anew takes, as a part of the task. */
const COLD = 0.3;
/** The parameter `affinity_cold_start`: what that comes to in the mean. */
const COLD_START = COLD * lognormalMean(MEDIAN, SIGMA);

const withKeys = (seed: number, coldStartMs: number): Placer => {
  const records = new Records();
  const inner = byStrategy(STRATEGIES.SHORTEST_EXPECTED, randomOf(seed, 'policy'), true, records);
  return withAffinity(inner, records, coldStartMs);
};

const PLACERS: Readonly<Record<string, (seed: number) => Placer>> = {
  [PRODUCT]: (seed) => withKeys(seed, COLD_START),
  'without affinity': (seed) => byStrategy(STRATEGIES.SHORTEST_EXPECTED, randomOf(seed, 'policy')),
  'always the warm one': (seed) => withKeys(seed, Number.POSITIVE_INFINITY),
  'least connections': leastConnections,
  'round robin': roundRobin,
  random: (seed) => random(randomOf(seed, 'policy')),
};

/** A chain of steps, each with the context of the one before. */
interface Branch {
  readonly workflow: number;
  readonly release: number;
  readonly works: readonly number[];
}

function run(seed: number, policy: string): Figures {
  return inContexts(seed, placerOf(policy, seed));
}

export function placerOf(policy: string, seed: number): Placer {
  return (PLACERS[policy] as (seed: number) => Placer)(seed);
}

/** Exported so that a test can try another placer. */
export function inContexts(seed: number, placer: Placer, lastsMs = LASTS): Figures {
  const roll = randomOf(seed, 'workload');
  const agents = Array.from({ length: AGENTS }, (_, n): AgentTruth => {
    const speed = Math.exp(SPEED_SIGMA * normal(roll));
    return { agentId: `agent-${String(n).padStart(2, '0')}`, slots: SLOTS, kinds: new Set([KIND]), speed };
  });
  const branches = branchesOf(roll, lastsMs);
  const stepOf = (branch: number, step: number, release: number): Job => ({
    taskId: `${String(branch).padStart(6, '0')}/${step}`,
    ...{ release, kind: KIND, rolls: [], affinity: String(branch) },
    workMs: branches[branch]?.works[step] ?? 0,
  });
  const warm = new Map<string, { readonly agentId: string; readonly at: number }>();
  const isWarm = (job: Job, agentId: string, now: number) => {
    const known = warm.get(job.affinity ?? '');
    return known !== undefined && known.agentId === agentId && now - known.at <= WARM_FOR_MS;
  };
  let [steps, warmSteps] = [0, 0];
  let last = '';
  const ends = new Map<number, number>();
  const jobs = branches.map(({ release }, branch) => stepOf(branch, 0, release));
  const endings = runSelection(jobs, placer, {
    agents,
    fateOf: (job, { agentId, speed }, _attempt, at) => {
      const cold = isWarm(job, agentId, at) ? 0 : COLD;
      return { tookMs: ((1 + cold) * job.workMs) / speed, succeeds: true };
    },
    onAttempt({ job, began }, { agentId }) {
      const [, step] = job.taskId.split('/');
      if (step !== '0') steps += 1;
      if (step !== '0' && isWarm(job, agentId, began)) warmSteps += 1;
      last = agentId;
    },
    followers(job, at) {
      warm.set(job.affinity ?? '', { agentId: last, at });
      const [branch, step] = job.taskId.split('/').map(Number) as [number, number];
      const { workflow, works } = branches[branch] as Branch;
      ends.set(workflow, at);
      return step + 1 < works.length ? [stepOf(branch, step + 1, at)] : [];
    },
  });
  const begins = new Map(branches.map(({ workflow, release }) => [workflow, release]));
  const spans = [...ends].map(([workflow, end]) => end - (begins.get(workflow) ?? 0));
  const waits = endings.map(({ job, began }) => began - job.release);
  return {
    span: meanOf(spans),
    longest: quantile(spans, 0.99),
    warm: warmSteps / steps,
    flow: meanOf(endings.map(({ job, ended }) => ended - job.release)),
    wait: quantile(waits, 0.99),
  };
}

/** Workflows that come by chance, each of so many branches side by side. */
function branchesOf(roll: Random, lastsMs: number): readonly Branch[] {
  const workMs = lognormalMean(MEDIAN, SIGMA) * DEPTH * ((WIDEST + 1) / 2);
  const gap = workMs / (LOAD * AGENTS * SLOTS);
  const branches: Branch[] = [];
  let workflow = 0;
  for (let release = exponential(roll, gap); release < lastsMs; release += exponential(roll, gap)) {
    const width = 1 + below(roll, WIDEST);
    for (let n = 0; n < width; n += 1) {
      const works = Array.from({ length: DEPTH }, () => lognormal(roll, MEDIAN, SIGMA));
      branches.push({ workflow, release, works });
    }
    workflow += 1;
  }
  return branches;
}

export const COLD_CONTEXTS: Scenario = {
  id: 'S10',
  title: 'Workflows with contexts',
  about: `Twenty agents with two slots (speeds lognormal, σ 0.3) at 80 % load without cold starts. Workflows fan out into 1 to 32 branches of three steps, and a step that does not run where the one before it did takes 30 % longer; a branch is an affinity key. “Always the warm one” waits for it however long that takes.`,
  policies: Object.keys(PLACERS),
  metrics: [
    { id: 'span', title: 'workflow, from its first task to its last, mean', unit: 'ms' },
    { id: 'longest', title: 'the same, p99', unit: 'ms' },
    { id: 'warm', title: 'steps that ran warm, of those that could', unit: 'share' },
    { id: 'flow', title: 'mean flow of a step', unit: 'ms' },
    { id: 'wait', title: 'wait of a step, p99', unit: 'ms' },
  ],
  run,
};
