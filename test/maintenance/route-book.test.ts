import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { WHOLE_QUEUE } from '../../src/domain/queues/queue-part.js';
import type { Route } from '../../src/domain/routing/route.js';
import { leastConnections } from '../../src/domain/selection/least-connections.js';
import { TIER_AGING } from '../../src/domain/tasks/tier.js';
import { RouteBook } from '../../src/maintenance/route-book.js';
import { behindRoutes } from '../../src/maintenance/routed-index.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import type { ReadyTask } from '../../src/ports/ready-index.js';
import { connectAgent, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const TO_CHOOSE: Route = { by: 'PLAN_RETRIEVE', epoch: 0, agentId: null, until: null, fallback: true };
const CHOSEN: Route = { ...TO_CHOOSE, agentId: 'b' };

function routed(taskId: string, route: Route | null, over: Partial<ReadyTask> = {}): ReadyTask {
  const made = task(taskId, over);
  return { ...made, requirements: { ...made.requirements, route } };
}

describe('the book of routes', () => {
  test('knows each task by the newest of its changes', () => {
    const book = new RouteBook(new FakeClock());
    book.put(routed('t', TO_CHOOSE, { seq: 2 }));
    book.put(routed('t', CHOSEN, { seq: 1 }));
    expect([book.toChoose.size, book.addressed.size]).toEqual([1, 0]);
    book.put(routed('t', CHOSEN, { seq: 3 }));
    expect([book.toChoose.size, book.addressed.size]).toEqual([0, 1]);
    book.forget({ org: ORG, taskId: 't', seq: 2 });
    expect(book.size).toBe(1);
    book.put(routed('t', null, { seq: 4 }));
    expect(book.size).toBe(0);
  });

  test('remembers of a task that is told again how often it was asked of', () => {
    const clock = new FakeClock();
    const book = new RouteBook(clock);
    expect(book.triesOf({ org: ORG, taskId: 't' })).toBeNull();
    book.put(routed('t', TO_CHOOSE, { seq: 1 }));
    const before = book.get({ org: ORG, taskId: 't' });
    if (!before) throw new Error('it is there');
    Object.assign(before, { tries: 3, told: 'NO_CHOICE', notBefore: clock.monotonic() + 4_000 });
    book.put(routed('t', TO_CHOOSE, { seq: 2 }));
    expect(book.get({ org: ORG, taskId: 't' })).toMatchObject({
      tries: 3,
      told: 'NO_CHOICE',
      task: { seq: 2 },
    });
    expect(book.triesOf({ org: ORG, taskId: 't' })).toEqual({ tries: 3, againInMs: 4_000 });
  });

  test('takes no more than it may; what it left out it takes when that is told again', () => {
    const book = new RouteBook(new FakeClock(), 2);
    for (const id of ['t1', 't2', 't3']) book.put(routed(id, TO_CHOOSE, { seq: 1 }));
    expect(book.size).toBe(2);
    book.forget({ org: ORG, taskId: 't1', seq: 1 });
    book.put(routed('t3', TO_CHOOSE, { seq: 1 }));
    expect(book.get({ org: ORG, taskId: 't3' })).toBeDefined();
  });
});

describe('the index behind the routes', () => {
  function setup() {
    const clock = new FakeClock();
    const lanes = new MemoryIndex({
      clock,
      log: SILENT,
      random: () => 0.5,
      strategyOf: () => leastConnections,
      minHealth: 0.5,
      reportsLastMs: 45_000,
    });
    return behindRoutes({ index: lanes }, clock);
  }

  test('gives a task that is to be chosen to nobody, and an addressed one to its agent only', async () => {
    const { index } = setup();
    for (const id of ['a', 'b', 'c']) await connectAgent(index, id, 5);
    await index.add([routed('open', TO_CHOOSE), routed('chosen', CHOSEN), routed('plain', null)]);
    const given = await index.reserve(10);
    expect(given.map(({ taskId }) => taskId).sort()).toEqual(['chosen', 'plain']);
    expect(given.find(({ taskId }) => taskId === 'chosen')?.agentId).toBe('b');
    const news = [routed('n1', TO_CHOOSE), routed('n2', CHOSEN), routed('n3', null)];
    const [open, chosen, plain] = await index.reserveNew(news);
    expect([open, chosen?.agentId, plain === null]).toEqual([null, 'b', false]);
  });

  test('a claim outdates a route: anybody may have the task, or the choice is made anew', async () => {
    const { index, routes } = setup();
    await connectAgent(index, 'a', 5);
    await index.add([
      routed('t1', CHOSEN, { epoch: 1 }),
      routed('t2', { ...CHOSEN, fallback: false }, { epoch: 1 }),
    ]);
    expect((await index.reserve(10)).map(({ taskId }) => taskId)).toEqual(['t1']);
    expect([...routes.toChoose.values()].map((one) => one.task.taskId)).toEqual(['t2']);
  });

  test('a task whose agent is to be chosen anew leaves the lane of the last one', async () => {
    const { index } = setup();
    await index.add([routed('t', CHOSEN)]);
    await index.add([routed('t', TO_CHOOSE)]);
    await connectAgent(index, 'b', 5);
    expect(await index.reserve(10)).toEqual([]);
    await index.add([routed('t', null)]);
    expect((await index.reserve(10)).map(({ agentId }) => agentId)).toEqual(['b']);
  });

  test('counts what is to be chosen with what waits', async () => {
    const { index } = setup();
    await index.add([routed('t1', TO_CHOOSE, { tier: 'HIGH' }), routed('t2', null)]);
    expect(await index.stats()).toMatchObject({ queued: 2, perTier: { HIGH: 1, NORMAL: 1 } });
    const high = async (org: string | null, kind: string | null) => {
      const { tiers } = await index.queueSizes(org, { tier: null, kind }, TIER_AGING);
      return tiers.find(({ tier }) => tier === 'HIGH')?.waiting;
    };
    expect([await high(null, null), await high(ORG, 'work')]).toEqual([1, 1]);
    expect([await high('other', null), await high(ORG, 'else')]).toEqual([0, 0]);
  });

  test('tells since when what is to be chosen has waited, however far it stands back', async () => {
    const { index } = setup();
    const created = 1_700_000_000_000;
    const score = created + 5_000 - TIER_AGING.HIGH + 60_000;
    await index.add([routed(v7({ msecs: created }), TO_CHOOSE, { tier: 'HIGH', score })]);
    const since = async (back: number) => {
      const { tiers } = await index.queueSizes(ORG, WHOLE_QUEUE, TIER_AGING, () => back);
      return tiers.find(({ tier }) => tier === 'HIGH')?.waitingSince;
    };
    expect(await since(60_000)).toBe(created + 5_000);
    expect(await since(120_000)).toBe(created);
  });
});
