import { TIERS, type Tier } from '../../../src/domain/tasks/tier.js';
import { below, gamma, lognormal, lognormalMean, weighted } from '../chance/distributions.js';
import { randomOf } from '../chance/random.js';
import { clairvoyant, fifo, headStart, random, strict } from '../order/by-number.js';
import { leastWeightedFlow } from '../order/fast-machine.js';
import { inOrder, type Job, WEIGHTS } from '../order/job.js';
import type { Order } from '../order/order.js';
import { reeve } from '../order/reeve.js';
import { runFleet } from '../order/run-fleet.js';
import { atMost, type Figures, type Metric, PRODUCT, type Scenario } from '../scenario.js';
import { quantile } from '../statistics.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const SLOTS = 20;
const LASTS = 72 * HOUR;
const LOADS = [0.5, 0.8, 0.9, 0.95] as const;
const TIER_PARTS: Readonly<Record<Tier, number>> = { CRITICAL: 0, URGENT: 5, HIGH: 15, NORMAL: 60, LOW: 20 };
/** Medians in equal steps from 20 s to 30 min. */
const MEDIANS = Array.from({ length: 8 }, (_, n) => 20 * SECOND * 90 ** (n / 7));
const SIGMA = 0.8;
const LEAST_DURATION = 10 * SECOND;

const ORDERS: Readonly<Record<string, (seed: number) => Order>> = {
  [PRODUCT]: () => reeve(),
  FIFO: fifo,
  strict,
  random: (seed) => random(randomOf(seed, 'policy')),
  'head start': headStart,
  clairvoyant,
};

export function steadyMix(seed: number, load: number): readonly Job[] {
  const roll = randomOf(seed, `workload at ${load}`);
  const meanMs = MEDIANS.reduce((sum, median) => sum + lognormalMean(median, SIGMA), 0) / MEDIANS.length;
  const gapMs = meanMs / (SLOTS * load);
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let release = gamma(roll, gapMs, 2.5); release < LASTS; release += gamma(roll, gapMs, 2.5)) {
    const kind = below(roll, MEDIANS.length);
    const tier = weighted(roll, TIER_PARTS);
    const durationMs = lognormal(roll, MEDIANS[kind] as number, SIGMA);
    const [band, fairnessKey, preemptible] = ['OTHER' as const, null, false];
    jobs.push({
      ...{
        release,
        band,
        tier,
        kind: `k${kind}`,
        durationMs,
        weight: WEIGHTS[tier],
        fairnessKey,
        preemptible,
      },
    });
  }
  return inOrder(jobs);
}

function run(seed: number, policy: string): Figures {
  return Object.assign({}, ...LOADS.map((load) => atLoad(seed, load, ORDERS[policy]?.(seed) ?? reeve())));
}

/** The figures of one load. Exported so that a test can try an order that is worse. */
export function atLoad(seed: number, load: number, order: Order): Figures {
  const jobs = steadyMix(seed, load);
  const endings = runFleet(jobs, order, { slots: SLOTS, noise: randomOf(seed, 'noise') });
  const flow = endings.reduce((sum, { job, ended }) => sum + job.weight * (ended - job.release), 0);
  const slowdowns = endings.map(({ job, ended }) =>
    Math.max(1, (ended - job.release) / Math.max(job.durationMs, LEAST_DURATION)),
  );
  const waits = (tier: Tier) =>
    endings.filter(({ job }) => job.tier === tier).map(({ job, began }) => began - job.release);
  const percent = load * 100;
  return {
    [`flow${percent}`]: flow / leastWeightedFlow(jobs, SLOTS),
    [`slowdown${percent}`]: quantile(slowdowns, 0.99),
    [`longest${percent}`]: Math.max(...endings.map(({ job, began }) => began - job.release)),
    ...Object.fromEntries(TIERS.slice(1).map((tier) => [`${tier}${percent}`, quantile(waits(tier), 0.5)])),
  };
}

const title = (what: string, load: number) => `${what} at ${load * 100} % load`;

export const STEADY_MIX: Scenario = {
  id: 'S1',
  title: 'A steady mix',
  about: `${SLOTS} slots and three days of tasks of eight kinds that take a median of 20 s to 30 min, in bursts (Gamma, CV 2.5); tiers URGENT, HIGH, NORMAL and LOW in parts of 5, 15, 60 and 20, which weigh 8, 4, 2 and 1. The bound is the greater of no waiting at all and of one machine as fast as all slots together; the clairvoyant order knows how long each task will take.`,
  policies: Object.keys(ORDERS),
  metrics: [
    ...LOADS.map((load): Metric => {
      const metric = {
        id: `flow${load * 100}`,
        title: title('weighted flow ÷ bound', load),
        unit: 'times' as const,
      };
      return load === 0.9 ? { ...metric, goal: atMost(1.6, 1.45) } : metric;
    }),
    { id: 'slowdown90', title: title('slowdown p99', 0.9), unit: 'times', goal: atMost(25, 15) },
    { id: 'longest90', title: title('longest wait', 0.9), unit: 'ms', goal: atMost(6 * HOUR, 5 * HOUR) },
    { id: 'URGENT90', title: title('wait of URGENT, p50', 0.9), unit: 'ms' },
    { id: 'LOW90', title: title('wait of LOW, p50', 0.9), unit: 'ms' },
  ],
  run,
};
