import type { Band } from '../../../src/domain/tasks/source.js';
import type { Tier } from '../../../src/domain/tasks/tier.js';
import { gamma, lognormal, lognormalMean, poisson } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';
import { byNumber, fifo, headStart, strict } from '../order/by-number.js';
import { inOrder, type Job, WEIGHTS } from '../order/job.js';
import type { Order } from '../order/order.js';
import { reeve, SETTINGS } from '../order/reeve.js';
import { type Ending, runFleet } from '../order/run-fleet.js';
import { atMost, type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { quantile } from '../statistics.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SLOTS = 20;
/** All times are from 22:00 on. */
const [EIGHT, ELEVEN] = [10 * HOUR, 13 * HOUR];
const CHECKPOINT_EVERY = 30 * SECOND;

const ORDERS: Readonly<Record<string, () => Order>> = {
  [PRODUCT]: () => reeve(),
  'no preemption': () => reeve({ ...SETTINGS, preemption: false }),
  FIFO: fifo,
  strict,
  'head start': headStart,
  '60 min spread': () => byNumber(({ release, tier }) => release - (tier === 'URGENT' ? HOUR : 0)),
};

function overnight(seed: number): readonly Job[] {
  return inOrder([
    ...batch(randomOf(seed, 'workload: batch')),
    ...sessions(randomOf(seed, 'workload: people')),
    ...urgent(randomOf(seed, 'workload: urgent')),
  ]);
}

/** As much as all slots do in 14 hours, all of it at once. */
function batch(roll: Random): Omit<Job, 'taskId'>[] {
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let left = 14 * HOUR * SLOTS; left > 0; ) {
    const durationMs = lognormal(roll, 360 * SECOND, 1);
    jobs.push({ ...job('OTHER', 'LOW', 'batch', 0, durationMs), preemptible: true });
    left -= durationMs;
  }
  return jobs;
}

/** People come at random times, and each asks about six times, 5 s apart. */
function sessions(roll: Random): Omit<Job, 'taskId'>[] {
  const [median, sigma, requests, load] = [45 * SECOND, 0.7, 6, 0.1];
  const work = load * SLOTS * (ELEVEN - EIGHT);
  const count = poisson(roll, work / (requests * lognormalMean(median, sigma)));
  return Array.from({ length: count }, () => EIGHT + roll() * (ELEVEN - EIGHT)).flatMap((begin) =>
    Array.from({ length: 1 + poisson(roll, requests - 1) }, (_, n) =>
      job('HUMAN', 'NORMAL', 'answer', begin + n * 5 * SECOND, lognormal(roll, median, sigma)),
    ),
  );
}

function urgent(roll: Random): Omit<Job, 'taskId'>[] {
  const [median, sigma, load] = [120 * SECOND, 0.5, 0.1];
  const gap = lognormalMean(median, sigma) / (SLOTS * load);
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let release = EIGHT + gamma(roll, gap, 2); release < ELEVEN; release += gamma(roll, gap, 2)) {
    jobs.push(job('OTHER', 'URGENT', 'alert', release, lognormal(roll, median, sigma)));
  }
  return jobs;
}

function job(band: Band, tier: Tier, kind: string, release: number, durationMs: number): Omit<Job, 'taskId'> {
  const weight = WEIGHTS[tier];
  return { band, tier, kind, release, durationMs, weight, fairnessKey: null, preemptible: false };
}

function run(seed: number, policy: string): Figures {
  const jobs = overnight(seed);
  const make = ORDERS[policy] ?? reeve;
  const plain = runFleet(jobs, make(), { slots: SLOTS, noise: randomOf(seed, 'noise') });
  const resumed = runFleet(jobs, make(), {
    ...{ slots: SLOTS, noise: randomOf(seed, 'noise'), checkpointEveryMs: CHECKPOINT_EVERY },
  });
  const human = waits(plain, (job) => job.band === 'HUMAN');
  const alerts = waits(plain, (job) => job.tier === 'URGENT');
  return {
    humanP50: quantile(human, 0.5),
    humanP99: quantile(human, 0.99),
    urgentP50: quantile(alerts, 0.5),
    urgentP99: quantile(alerts, 0.99),
    lost: lostPart(plain),
    lostResumed: lostPart(resumed),
    lostMorning: lostMs(plain) / (SLOTS * (ELEVEN - EIGHT)),
    batchEnds: Math.max(...plain.filter(({ job }) => job.tier === 'LOW').map(({ ended }) => ended)),
  };
}

function waits(endings: readonly Ending[], isMeant: (job: Job) => boolean): number[] {
  return endings.filter(({ job }) => isMeant(job)).map(({ job, began }) => began - job.release);
}

const lostMs = (endings: readonly Ending[]) => endings.reduce((sum, { lostMs }) => sum + lostMs, 0);

/** Of all that the slots did. */
function lostPart(endings: readonly Ending[]): number {
  const lost = lostMs(endings);
  return lost / (lost + endings.reduce((sum, { job }) => sum + job.durationMs, 0));
}

export const OVERNIGHT: Scenario = {
  id: 'S2',
  title: 'An overnight batch, and people in the morning',
  about: `${SLOTS} slots. At 22:00 come 14 hours of LOW tasks (median 6 min), which may be sent back. From 08:00 to 11:00 people ask in bursts of about six (median 45 s; a tenth of what the slots can do), and URGENT tasks come from machines (median 2 min, CV 2; another tenth). An agent that is told to stop takes up to 5 s. What is lost by sending back is a part of all that the slots did; with checkpoints a task leaves one each ${CHECKPOINT_EVERY / SECOND} s.`,
  policies: Object.keys(ORDERS),
  metrics: [
    { id: 'humanP50', title: 'wait of people, p50', unit: 'ms' },
    { id: 'humanP99', title: 'wait of people, p99', unit: 'ms', goal: atMost(10 * SECOND, 5 * SECOND) },
    { id: 'urgentP50', title: 'wait of URGENT, p50', unit: 'ms', goal: atMost(75 * SECOND, 30 * SECOND) },
    { id: 'urgentP99', title: 'wait of URGENT, p99', unit: 'ms' },
    { id: 'lost', title: 'work lost', unit: 'share', goal: atMost(0.06, 0.03) },
    { id: 'lostResumed', title: 'work lost with checkpoints', unit: 'share', goal: atMost(0.01, 0.005) },
    { id: 'lostMorning', title: 'work lost, of what the slots do from 08:00 to 11:00', unit: 'share' },
    { id: 'batchEnds', title: 'until all of the batch is done', unit: 'ms' },
  ],
  run,
};
