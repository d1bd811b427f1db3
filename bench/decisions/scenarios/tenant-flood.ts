import { exponential, lognormal, lognormalMean } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';
import { fifo } from '../order/by-number.js';
import { byTurns } from '../order/by-turns.js';
import { inOrder, type Job, WEIGHTS } from '../order/job.js';
import type { Order } from '../order/order.js';
import { reeve, SETTINGS } from '../order/reeve.js';
import { type Ending, runFleet } from '../order/run-fleet.js';
import { atLeast, type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { jain, quantile } from '../statistics.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const SLOTS = 20;
const LASTS = 8 * HOUR;
const MEDIAN = 60 * SECOND;
const SIGMA = 0.8;

interface Tenant {
  readonly key: string;
  /** Times its equal share of the slots. */
  readonly offers: number;
  /** Times as long as the others'. */
  readonly length: number;
}

const TENANTS: readonly Tenant[] = [
  { key: 'flood', offers: 10, length: 1 },
  { key: 'long', offers: 3, length: 10 },
  ...Array.from({ length: 5 }, (_, n) => ({ key: `busy-${n}`, offers: 1.5, length: 1 })),
  ...Array.from({ length: 3 }, (_, n) => ({ key: `light-${n}`, offers: 0.5, length: 1 })),
];

const ORDERS: Readonly<Record<string, () => Order>> = {
  [PRODUCT]: () => reeve(),
  'turns over the tier': () => reeve({ ...SETTINGS, turnsOver: 'TIER' }),
  'turns by task': byTurns,
  FIFO: fifo,
};

function flood(seed: number): readonly Job[] {
  return inOrder(TENANTS.flatMap((tenant) => offered(tenant, randomOf(seed, `workload: ${tenant.key}`))));
}

function offered({ key, offers, length }: Tenant, roll: Random): Omit<Job, 'taskId'>[] {
  const gap = (lognormalMean(MEDIAN * length, SIGMA) * TENANTS.length) / (SLOTS * offers);
  const jobs: Omit<Job, 'taskId'>[] = [];
  for (let release = exponential(roll, gap); release < LASTS; release += exponential(roll, gap)) {
    jobs.push({
      ...{ release, band: 'OTHER', tier: 'NORMAL', kind: 'task', weight: WEIGHTS.NORMAL },
      ...{ durationMs: lognormal(roll, MEDIAN * length, SIGMA), fairnessKey: key, preemptible: false },
    });
  }
  return jobs;
}

/**
 * What each is entitled to, as parts of all: who asks for less than an equal share gets that, and what it leaves the
 * others share.
 */
export function entitled(offers: readonly number[]): readonly number[] {
  const sorted = [...offers].sort((a, b) => a - b);
  let left = 1;
  let level = 0;
  for (const [n, offer] of sorted.entries()) {
    level = left / (sorted.length - n);
    if (offer >= level) break;
    left -= offer;
  }
  return offers.map((offer) => Math.min(offer, level));
}

interface Served {
  readonly endings: readonly Ending[];
  /** By tenant, as a part of what it is entitled to. */
  readonly ofDue: readonly number[];
}

function serve(seed: number, jobs: readonly Job[], order: Order): Served {
  const served = new Map<string | null, number>();
  const endings = runFleet(jobs, order, {
    slots: SLOTS,
    noise: randomOf(seed, 'noise'),
    until: LASTS,
    onTaken: ({ fairnessKey }, from, to) => {
      served.set(fairnessKey, (served.get(fairnessKey) ?? 0) + to - from);
    },
  });
  const offers = TENANTS.map(({ key }) => {
    const work = jobs.filter(({ fairnessKey }) => fairnessKey === key);
    return work.reduce((sum, { durationMs }) => sum + durationMs, 0) / (SLOTS * LASTS);
  });
  const rights = entitled(offers);
  const ofDue = TENANTS.map(({ key }, n) => (served.get(key) ?? 0) / (SLOTS * LASTS) / (rights[n] ?? 1));
  return { endings, ofDue };
}

function run(seed: number, policy: string): Figures {
  const order = ORDERS[policy] ?? reeve;
  const jobs = flood(seed);
  const { endings, ofDue } = serve(seed, jobs, order());
  const ownKinds = jobs.map((job) => ({ ...job, kind: `${job.kind} of ${job.fairnessKey}` }));
  const waits = endings
    .filter(({ job }) => job.fairnessKey?.startsWith('light'))
    .map(({ job, began }) => began - job.release);
  return {
    jain: jain(ofDue),
    jainOwnKinds: jain(serve(seed, ownKinds, order()).ofDue),
    least: Math.min(...ofDue),
    flood: ofDue[0] ?? 0,
    long: ofDue[1] ?? 0,
    lightP50: quantile(waits, 0.5),
    lightP99: quantile(waits, 0.99),
  };
}

export const TENANT_FLOOD: Scenario = {
  id: 'S7',
  title: 'Tenants who ask for more than their share',
  about: `${SLOTS} slots, eight hours and ten tenants with a fairness key each: one offers 10 times its share, one 3 times in tasks that are ten times as long, five 1.5 times, three half of theirs. Entitled is who asks for less to all of it, and the others to equal parts of what is left. Fairness is Jain's index over what each was served of that; waits are of what was done.`,
  policies: Object.keys(ORDERS),
  metrics: [
    { id: 'jain', title: 'fairness', unit: 'score', goal: atLeast(0.98, 0.99) },
    { id: 'jainOwnKinds', title: 'fairness if each has a kind of its own', unit: 'score' },
    { id: 'least', title: 'least that one got of its due', unit: 'share' },
    { id: 'flood', title: 'the flood, of its due', unit: 'share' },
    { id: 'long', title: 'the one with long tasks, of its due', unit: 'share' },
    { id: 'lightP50', title: 'wait of who asks for less, p50', unit: 'ms' },
    { id: 'lightP99', title: 'wait of who asks for less, p99', unit: 'ms' },
  ],
  run,
};
