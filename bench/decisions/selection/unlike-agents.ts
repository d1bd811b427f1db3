import { below, exponential, lognormal, lognormalMean, normal } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';
import type { AgentTruth, Fate, Job } from './fleet.js';

const SECOND = 1_000;
const AGENTS = 30;
const SLOTS = [2, 3, 4] as const;
const SPEED_SIGMA = 0.5;
const SLOW = 3;
const SLOW_SPEED = 0.2;
/** Medians of the kinds, one for each skill; the last is the rare one. */
const MEDIANS = [30, 60, 120, 240, 480, 120].map((s) => s * SECOND);
const SIGMA = 0.8;
const COMMON = MEDIANS.length - 1;
const kindOf = (skill: number) => `skill-${skill}`;
export const RARE_KIND = kindOf(COMMON);
const SKILLS_EACH = 3;
const RARE_AGENTS = 2;
const RARE_LOAD = 0.85;
const LONGEST_ROW = 5;

export interface UnlikeAgents {
  readonly agents: readonly AgentTruth[];
  readonly jobs: readonly Job[];
}

/** Thirty agents of different speeds, six skills, one of which only two of them have. @param stretch of some of the tasks */
export function unlikeAgents(
  seed: number,
  load: number,
  lastsMs: number,
  stretch: (roll: Random) => number = () => 1,
): UnlikeAgents {
  const roll = randomOf(seed, 'workload');
  const chance = randomOf(seed, 'outcomes');
  const agents = fleet(roll);
  const rates = ratesOf(agents, load);
  const jobs: Omit<Job, 'taskId'>[] = [];
  rates.forEach((rate, skill) => {
    for (
      let release = exponential(roll, 1 / rate);
      release < lastsMs;
      release += exponential(roll, 1 / rate)
    ) {
      const workMs = lognormal(roll, MEDIANS[skill] as number, SIGMA) * stretch(roll);
      const rolls = Array.from({ length: LONGEST_ROW }, () => chance());
      jobs.push({ release, kind: kindOf(skill), workMs, rolls, affinity: null });
    }
  });
  return { agents, jobs: inOrder(jobs) };
}

/** Longer tasks fail more often: 2 % at 10 s, 12 % at 10 min, whoever does them. They take their time for it. */
export function fateOf({ workMs, rolls }: Job, { speed }: AgentTruth, attempt: number): Fate {
  const fails = Math.min(0.5, Math.max(0.01, 0.02 + 0.025 * Math.log(workMs / (10 * SECOND))));
  const roll = rolls[Math.min(attempt, rolls.length) - 1] ?? 1;
  return { tookMs: workMs / speed, succeeds: roll >= fails };
}

/** Ids that rise with the time of release. */
export function inOrder(jobs: readonly Omit<Job, 'taskId'>[]): readonly Job[] {
  return [...jobs]
    .sort((a, b) => a.release - b.release)
    .map((job, n) => ({ ...job, taskId: String(n).padStart(7, '0') }));
}

function fleet(roll: Random): readonly AgentTruth[] {
  return Array.from({ length: AGENTS }, (_, n): AgentTruth => {
    const kinds = new Set(pick(roll, COMMON, SKILLS_EACH).map(kindOf));
    // The slow ones are not those with the rare skill.
    if (n < RARE_AGENTS) kinds.add(kindOf(COMMON));
    const isSlow = n >= AGENTS - SLOW;
    const speed = isSlow ? SLOW_SPEED : Math.exp(SPEED_SIGMA * normal(roll));
    return {
      agentId: `agent-${String(n).padStart(2, '0')}`,
      slots: SLOTS[n % SLOTS.length] as number,
      kinds,
      speed,
    };
  });
}

/** Tasks a ms of each skill: as much work of each common one, and of the rare one what loads its agents so far. */
function ratesOf(agents: readonly AgentTruth[], load: number): readonly number[] {
  const power = (of: readonly AgentTruth[]) => of.reduce((sum, { slots, speed }) => sum + slots * speed, 0);
  const rareWork = RARE_LOAD * power(agents.slice(0, RARE_AGENTS));
  const commonWork = load * power(agents) - rareWork;
  return MEDIANS.map((median, skill) => {
    const work = skill === COMMON ? rareWork : commonWork / COMMON;
    return work / lognormalMean(median, SIGMA);
  });
}

function pick(roll: Random, from: number, count: number): readonly number[] {
  const all = Array.from({ length: from }, (_, n) => n);
  return Array.from({ length: count }, () => all.splice(below(roll, all.length), 1)[0] as number);
}
