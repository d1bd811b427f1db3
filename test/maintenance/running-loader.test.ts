import { describe, expect, test } from 'vitest';
import { orgConfigFrom } from '../../src/domain/config/org-config-from.js';
import { type KeyLimits, NO_LIMITS, type OrgLimits } from '../../src/domain/limits/org-limits.js';
import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import { createRunningLoader } from '../../src/maintenance/running-loader.js';
import type { OrderTerms } from '../../src/matching/order-terms.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { emptySnapshot } from '../../src/ports/org-rules.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { Ports } from '../../src/usecases/ports.js';
import { keyed } from '../conformance/ready-index-limits-world.js';
import { confirmed, connectAgent } from '../conformance/ready-index-world.js';
import { createWorld } from '../conformance/task-record-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';
import { seededRandom } from '../support/seeded-random.js';

const API = { api: { maxConcurrent: 2, rate: { count: 4, periodMs: 60_000 } } };
const keys = { limits: ['api'], fairness: null, affinity: null };

/** A coordinator that has just been started, on a record in which tasks ran before. */
function setup(settleMs: number, over: Partial<TaskRecord> = {}, own: KeyLimits = API) {
  const clock = new FakeClock();
  const record = createMemoryTaskRecord(clock);
  const w = createWorld(record);
  const limits: OrgLimits = { ...NO_LIMITS, version: 1, keys: own };
  const { org } = w;
  const orderTerms: OrderTerms = {
    limitsOf: (of) => (of === org ? limits : NO_LIMITS),
    weightsOf: () => ({}),
    restShareOf: () => 0,
    coldStartMsOf: () => 0,
    onChanged() {},
  };
  const index = new MemoryIndex({
    ...{ clock, log: SILENT, random: seededRandom(1), orderTerms },
    strategyOf: () => STRATEGIES.LEAST_CONNECTIONS,
    minHealth: 0.5,
    reportsLastMs: 45_000,
  });
  const { config } = orgConfigFrom([]);
  const orgRules = { of: () => ({ ...emptySnapshot(org), config: { ...config, limits: own } }) };
  const ports = { record: { ...record, ...over }, index, clock, log: SILENT, orgRules } as unknown as Ports;
  const requirements = { ...keyed('x', { limits: ['api'] }).requirements };
  return {
    ...{ clock, index, w, org },
    loader: createRunningLoader(ports, { settleMs }),
    run: () => w.running({ requirements: { ...requirements, keys } }),
    async wait(count: number) {
      await connectAgent(index, 'a', 10, {}, org);
      await index.add(Array.from({ length: count }, (_, i) => keyed(`t${i}`, { limits: ['api'] }, { org })));
    },
    async start() {
      const reservations = await index.reserve(10);
      await index.confirm(confirmed(reservations));
      return reservations.map(({ taskId }) => taskId);
    },
  };
}

/** Until the loader has read what there is. */
const settled = async () => {
  for (let n = 0; n < 50; n += 1) await Promise.resolve();
};

describe('what runs is told of from the record', () => {
  test('what an agent has counts, and so do starts of tasks that have ended', async () => {
    const s = setup(0);
    const running = await s.run();
    const ended = await s.run();
    await s.w.settle(ended);
    await s.wait(6);
    expect(await s.start()).toEqual([]);
    s.loader.start();
    await settled();
    // One is with an agent, and two of four starts are left.
    expect(await s.start()).toEqual(['t0']);
    await s.index.freeSlots([running]);
    expect(await s.start()).toEqual(['t1']);
    await s.index.freeSlots([{ org: s.org, taskId: 't0', epoch: 1 }]);
    expect(await s.start()).toEqual([]);
    s.clock.advance(60_001);
    expect(await s.start()).toEqual(['t2']);
    await s.loader.stop();
  });

  test('with an index that others share it waits until what was reserved before has lapsed', async () => {
    const s = setup(5_000);
    await s.wait(1);
    s.loader.start();
    s.clock.advance(4_900);
    await settled();
    expect(await s.start()).toEqual([]);
    s.clock.advance(400);
    await settled();
    expect(await s.start()).toEqual(['t0']);
    await s.loader.stop();
  });

  test('while the record is away nothing goes, and it is asked again', async () => {
    let isAway = true;
    const t = setup(0, {
      listOpenTasks: async () => {
        if (isAway) throw new Error('the record is away');
        return { tasks: [], cursor: null };
      },
    });
    await t.wait(1);
    t.loader.start();
    await settled();
    expect(await t.start()).toEqual([]);
    isAway = false;
    t.clock.advance(1_000);
    await settled();
    expect(await t.start()).toEqual(['t0']);
    await t.loader.stop();
  });

  test('an organisation that cannot be read holds up no other', async () => {
    const told: string[] = [];
    const clock = new FakeClock();
    let onUnready: (org: string) => void = () => undefined;
    const { config } = orgConfigFrom([]);
    const ports = {
      ...{ clock, log: SILENT },
      record: { listOpenTasks: async () => ({ tasks: [], cursor: null }) },
      index: {
        onUnready: (listener: (org: string) => void) => {
          onUnready = listener;
        },
        setRunning: async (org: string) => void told.push(org),
      },
      orgRules: {
        of: (org: string) => {
          if (org === 'broken') throw new Error('the record is away');
          return { ...emptySnapshot(org), config };
        },
      },
    } as unknown as Ports;
    const loader = createRunningLoader(ports, { settleMs: 0 });
    for (const org of ['broken', 'well']) onUnready(org);
    loader.start();
    await settled();
    expect(told).toEqual(['well']);
    await loader.stop();
  });

  test('if not all recent starts can be known the rates count as used up', async () => {
    const s = setup(0, { listRecentStarts: async () => ({ starts: [], isComplete: false }) });
    await s.wait(1);
    s.loader.start();
    await settled();
    expect(await s.start()).toEqual([]);
    s.clock.advance(60_001);
    expect(await s.start()).toEqual(['t0']);
    await s.loader.stop();
  });

  test('of keys that only a pattern names nothing goes until the longest period is over', async () => {
    const pattern = { 'a*': { maxConcurrent: null, rate: { count: 4, periodMs: 60_000 } } };
    const s = setup(0, { listRecentStarts: async () => ({ starts: [], isComplete: false }) }, pattern);
    await s.wait(1);
    s.loader.start();
    for (let n = 0; n < 59; n += 1) {
      s.clock.advance(1_000);
      await settled();
    }
    expect(await s.start()).toEqual([]);
    s.clock.advance(1_500);
    await settled();
    s.clock.advance(500);
    await settled();
    expect(await s.start()).toEqual(['t0']);
    await s.loader.stop();
  });
});
