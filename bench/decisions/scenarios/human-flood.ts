import type { Band } from '../../../src/domain/tasks/source.js';
import type { Tier } from '../../../src/domain/tasks/tier.js';
import { gamma, lognormal, lognormalMean } from '../chance/distributions.js';
import { randomOf } from '../chance/random.js';
import { byClaims } from '../order/by-claims.js';
import { fifo, strict } from '../order/by-number.js';
import { inOrder, type Job, WEIGHTS } from '../order/job.js';
import type { Order } from '../order/order.js';
import { reeve } from '../order/reeve.js';
import { runFleet } from '../order/run-fleet.js';
import { around, type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { quantile } from '../statistics.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const SLOTS = 20;
/** People begin when machines' tasks have all the slots. */
const FLOOD_BEGINS = HOUR;
const LASTS = 9 * HOUR;
/** What ran when the flood began has ended by then; counted from here on. */
const COUNTED_FROM = 2 * HOUR;
const SHARE = 0.05;

const ORDERS: Readonly<Record<string, () => Order>> = {
  [PRODUCT]: () => reeve(),
  'by claims': () => byClaims(SHARE),
  FIFO: fifo,
  strict,
};

/** People alone ask for 1.3 times what the slots can do; machines for as much as they can do. */
function flood(seed: number): readonly Job[] {
  return inOrder([
    ...stream(seed, 'HUMAN', 'NORMAL', 'answer', 45 * SECOND, 0.7, 1.3, FLOOD_BEGINS),
    ...stream(seed, 'OTHER', 'NORMAL', 'report', 300 * SECOND, 1, 0.6),
    ...stream(seed, 'OTHER', 'LOW', 'batch', 360 * SECOND, 1, 0.4),
  ]);
}

function stream(
  seed: number,
  band: Band,
  tier: Tier,
  kind: string,
  median: number,
  sigma: number,
  load: number,
  begins = 0,
): Omit<Job, 'taskId'>[] {
  const roll = randomOf(seed, `workload: ${kind}`);
  const gap = lognormalMean(median, sigma) / (SLOTS * load);
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let release = begins + gamma(roll, gap, 1); release < LASTS; release += gamma(roll, gap, 1)) {
    const durationMs = lognormal(roll, median, sigma);
    const weight = WEIGHTS[tier];
    jobs.push({
      ...{ band, tier, kind, release, durationMs, weight, fairnessKey: null, preemptible: tier === 'LOW' },
    });
  }
  return jobs;
}

function run(seed: number, policy: string): Figures {
  const jobs = flood(seed);
  const taken: Record<Band, number> = { HUMAN: 0, OTHER: 0 };
  const endings = runFleet(jobs, (ORDERS[policy] ?? reeve)(), {
    slots: SLOTS,
    noise: randomOf(seed, 'noise'),
    onTaken: ({ band }, from, to) => {
      taken[band] += Math.max(0, Math.min(to, LASTS) - Math.max(from, COUNTED_FROM));
    },
  });
  const waits = (band: Band) =>
    endings
      .filter(({ job }) => job.band === band && job.release < (FLOOD_BEGINS + LASTS) / 2)
      .map(({ job, began }) => began - job.release);
  return {
    share: taken.OTHER / (taken.OTHER + taken.HUMAN),
    used: (taken.OTHER + taken.HUMAN) / (SLOTS * (LASTS - COUNTED_FROM)),
    human: quantile(waits('HUMAN'), 0.5),
    lost: endings.reduce((sum, { lostMs }) => sum + lostMs, 0) / (SLOTS * LASTS),
  };
}

export const HUMAN_FLOOD: Scenario = {
  id: 'S3',
  title: 'More people than the fleet can serve',
  about: `${SLOTS} slots, which machines' tasks have for an hour; then for eight hours people ask for 1.3 times what these can do, and machines for as much as they can do. What machines get is a part of the slots' time, from the second hour of these on; the share that is set is 5 %. By claims: every twentieth slot that is given out goes to a machine's.`,
  policies: Object.keys(ORDERS),
  metrics: [
    {
      id: 'share',
      title: "machines' part of the slots' time",
      unit: 'share',
      goal: around(SHARE, 0.01, 0.005),
    },
    { id: 'used', title: "part of the slots' time that was used", unit: 'share' },
    { id: 'human', title: 'wait of people in the first half, p50', unit: 'ms' },
    { id: 'lost', title: 'work lost', unit: 'share' },
  ],
  run,
};
