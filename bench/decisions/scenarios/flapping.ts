import { DEFAULT_MIN_HEALTH } from '../../../src/domain/agents/eligibility.js';
import { type HealthRules, healthScore, NO_HEARTBEATS, withBeat } from '../../../src/domain/agents/health.js';
import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import { exponential, lognormal, lognormalMean } from '../chance/distributions.js';
import { randomOf } from '../chance/random.js';
import { atMost, type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { leastAllocated, leastConnections, powerOfTwo, random, roundRobin } from '../selection/by-cost.js';
import { byStrategy } from '../selection/by-strategy.js';
import type { AgentTruth, Job } from '../selection/fleet.js';
import type { Placer } from '../selection/placer.js';
import { meanFlow } from '../selection/placers.js';
import { type Absence, runSelection, type World } from '../selection/run-selection.js';
import { inOrder } from '../selection/unlike-agents.js';

const SECOND = 1_000;
const LASTS = 4 * 3_600 * SECOND;
const AGENTS = 20;
const SLOTS = 3;
const LOAD = 0.8;
const KIND = 'kind';
const MEDIAN = 5 * SECOND;
const SIGMA = 0.8;
/** Fails whatever it gets, after a second. */
const BAD = 'agent-00';
const FAILS_AFTER = SECOND;
const FLAPPING = ['agent-01', 'agent-02'] as const;
const UP = 120 * SECOND;
const DOWN = 30 * SECOND;
/** Its heartbeats get lost, and it goes on working. */
const UNHEARD = 'agent-03';
const LOST = 0.3;
/** The product's defaults. */
const RULES: HealthRules = { intervalMs: 15 * SECOND, windowIntervals: 10, staleAfterMs: 300 * SECOND };

/** The product's default strategy, with its guard and without. */
const PLACERS: Readonly<Record<string, (seed: number) => Placer>> = {
  [PRODUCT]: (seed) => byStrategy(STRATEGIES.LEAST_CONNECTIONS, randomOf(seed, 'policy')),
  'shortest expected': (seed) => byStrategy(STRATEGIES.SHORTEST_EXPECTED, randomOf(seed, 'policy')),
  'least connections': leastConnections,
  'least allocated': leastAllocated,
  'power of two': (seed) => powerOfTwo(randomOf(seed, 'policy')),
  'round robin': roundRobin,
  random: (seed) => random(randomOf(seed, 'policy')),
};

function run(seed: number, policy: string): Figures {
  return flap(seed, (PLACERS[policy] as (seed: number) => Placer)(seed));
}

/** Exported so that a test can try another placer. */
export function flap(seed: number, placer: Placer, lastsMs = LASTS): Figures {
  const kinds = new Set([KIND]);
  const agents = Array.from({ length: AGENTS }, (_, n): AgentTruth => {
    return { agentId: `agent-${String(n).padStart(2, '0')}`, slots: SLOTS, kinds, speed: 1 };
  });
  const endedBy = new Map<string, number>();
  let [attempts, failed] = [0, 0];
  const world: World = {
    agents,
    fateOf: ({ workMs }, { agentId }) =>
      agentId === BAD ? { tookMs: FAILS_AFTER, succeeds: false } : { tookMs: workMs, succeeds: true },
    absences: [...flaps(lastsMs), ...unheard(seed, lastsMs)],
    onAttempt(_attempt, { agentId }, outcome) {
      attempts += 1;
      if (outcome === 'SUCCEEDED') return;
      failed += 1;
      endedBy.set(agentId, (endedBy.get(agentId) ?? 0) + 1);
    },
  };
  const endings = runSelection(workload(seed, lastsMs), placer, world);
  const lost = FLAPPING.reduce((sum, agentId) => sum + (endedBy.get(agentId) ?? 0), 0);
  return {
    dead: endings.filter(({ outcome }) => outcome === 'DEAD_LETTER').length / endings.length,
    wasted: failed / attempts,
    bad: (endedBy.get(BAD) ?? 0) / attempts,
    lost: lost / attempts,
    flow: meanFlow(endings),
  };
}

function workload(seed: number, lastsMs: number): readonly Job[] {
  const roll = randomOf(seed, 'workload');
  const gap = lognormalMean(MEDIAN, SIGMA) / (LOAD * SLOTS * (AGENTS - 1));
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let release = exponential(roll, gap); release < lastsMs; release += exponential(roll, gap)) {
    jobs.push({ release, kind: KIND, workMs: lognormal(roll, MEDIAN, SIGMA), rolls: [], affinity: null });
  }
  return inOrder(jobs);
}

function* flaps(lastsMs: number): Generator<Absence> {
  for (const [n, agentId] of FLAPPING.entries()) {
    for (let from = UP * (n + 1) * 0.5; from < lastsMs; from += UP + DOWN)
      yield { agentId, from, to: from + DOWN };
  }
}

/** When the product takes it for unhealthy. What it has then it keeps: only its heartbeats are gone. */
function* unheard(seed: number, lastsMs: number): Generator<Absence> {
  const noise = randomOf(seed, 'noise');
  let beats = withBeat(NO_HEARTBEATS, 0, RULES);
  let since: number | null = null;
  for (let now = RULES.intervalMs; now < lastsMs; now += RULES.intervalMs) {
    if (noise() >= LOST) beats = withBeat(beats, now, RULES);
    const isHealthy = healthScore(beats, now, RULES) >= DEFAULT_MIN_HEALTH;
    if (!isHealthy) since ??= now;
    else if (since !== null) {
      yield { agentId: UNHEARD, from: since, to: now, keeps: true };
      since = null;
    }
  }
}

export const FLAPPING_AGENTS: Scenario = {
  id: 'S6',
  title: 'Agents that fail, flap and go unheard',
  about: `Twenty agents at 80 % load with tasks of a median of 5 s. One fails whatever it gets within a second; two are up for 120 s and gone for 30 s, with all they had; three in ten heartbeats of a fourth get lost. Tasks have three attempts. Reeve is its default strategy, least connections, with its guard; “least connections” is the same without. A task that is lost when an agent goes is wasted whoever chose it.`,
  policies: Object.keys(PLACERS),
  metrics: [
    { id: 'dead', title: 'dead-lettered', unit: 'share', goal: atMost(0, 0) },
    { id: 'wasted', title: 'wasted attempts', unit: 'share', goal: atMost(0.01, 0.003) },
    { id: 'bad', title: 'of them by the agent that fails', unit: 'share' },
    { id: 'lost', title: 'of them lost with agents that went', unit: 'share' },
    { id: 'flow', title: 'mean flow', unit: 'ms' },
  ],
  run,
};
