import { uniform } from '../chance/distributions.js';
import { randomOf } from '../chance/random.js';
import { byNumber, clairvoyant, fifo, headStart, random, strict } from '../order/by-number.js';
import type { Job } from '../order/job.js';
import type { Order } from '../order/order.js';
import { reeve } from '../order/reeve.js';
import { type Ending, runFleet } from '../order/run-fleet.js';
import { type Figures, PRODUCT, type Scenario } from '../scenario.js';
import { meanOf, quantile } from '../statistics.js';
import { steadyMix } from './steady-mix.js';

const SLOTS = 20;
const LOADS = [0.7, 0.9, 1.1] as const;
/** Of these part somebody wants them by a time, so many times after they came as they are expected to take. */
const DUE = 0.3;
const TIMES = { least: 2, most: 10 } as const;

/** When tasks are due, by their id; those that are not are left out. */
type Dues = ReadonlyMap<string, number>;

const ORDERS: Readonly<Record<string, (seed: number, dues: Dues) => Order>> = {
  [PRODUCT]: () => reeve(),
  'earliest deadline': (_seed, dues) => byNumber(({ taskId }) => dues.get(taskId) ?? Number.MAX_SAFE_INTEGER),
  FIFO: fifo,
  strict,
  random: (seed) => random(randomOf(seed, 'policy')),
  'head start': headStart,
  clairvoyant,
};

function run(seed: number, policy: string): Figures {
  return Object.assign({}, ...LOADS.map((load) => atLoad(seed, load, policy)));
}

function atLoad(seed: number, load: number, policy: string): Figures {
  const jobs = steadyMix(seed, load);
  const dues = duesOf(jobs, seed);
  const order = (ORDERS[policy] as (seed: number, dues: Dues) => Order)(seed, dues);
  const endings = runFleet(jobs, order, { slots: SLOTS, noise: randomOf(seed, 'noise') });
  const lateness = endings.flatMap(({ job, ended }) => {
    const due = dues.get(job.taskId);
    return due === undefined ? [] : [Math.max(0, ended - due)];
  });
  const percent = Math.round(load * 100);
  return {
    [`late${percent}`]: lateness.filter((ms) => ms > 0).length / lateness.length,
    [`tardiness${percent}`]: quantile(lateness, 0.95),
    [`others${percent}`]: meanOf(endings.filter(({ job }) => !dues.has(job.taskId)).map(flowOf)),
  };
}

/** By what their kind takes in the mean, which whoever sets a time knows. */
function duesOf(jobs: readonly Job[], seed: number): Dues {
  const roll = randomOf(seed, 'deadlines');
  const byKind = new Map<string, number[]>();
  for (const { kind, durationMs } of jobs) {
    const all = byKind.get(kind) ?? [];
    all.push(durationMs);
    byKind.set(kind, all);
  }
  const means = new Map([...byKind].map(([kind, all]) => [kind, meanOf(all)]));
  const dues = new Map<string, number>();
  for (const { taskId, kind, release } of jobs) {
    const [isDue, times] = [roll() < DUE, uniform(roll, TIMES.least, TIMES.most)];
    if (isDue) dues.set(taskId, release + times * (means.get(kind) ?? 0));
  }
  return dues;
}

const flowOf = ({ job, ended }: Ending) => ended - job.release;

export const DEADLINES: Scenario = {
  id: 'S9',
  title: 'Deadlines',
  about:
    'The tasks of S1, of which three in ten are due two to ten times their expected duration after they came. Reeve does not order by deadlines: a deadline ends a task that is late. It keeps most of them because short tasks wait little. “Earliest deadline” serves those that are due before all others.',
  policies: Object.keys(ORDERS),
  metrics: LOADS.flatMap((load) => {
    const percent = Math.round(load * 100);
    const at = `at ${percent} % load`;
    return [
      { id: `late${percent}`, title: `late ${at}`, unit: 'share' as const },
      { id: `tardiness${percent}`, title: `how late, p95, ${at}`, unit: 'ms' as const },
      { id: `others${percent}`, title: `mean flow of those not due ${at}`, unit: 'ms' as const },
    ];
  }),
  run,
};
