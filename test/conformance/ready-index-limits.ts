import { describe, expect, test } from 'vitest';
import { atMost, ids, keyed, openLimited, perPeriod, running } from './ready-index-limits-world.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import {
  agent,
  claims,
  confirmed,
  connectAgent,
  type IndexUnderTest,
  nextSeq,
  ORG,
  task,
} from './ready-index-world.js';

/** What organisations let run at once is never exceeded, and holds up nothing else. */
export function describeLimits(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  const limited = (...args: Parameters<typeof openLimited> extends [unknown, ...infer A] ? A : never) =>
    openLimited(open, ...args);

  describe(`limits in the ready index: ${name}`, () => {
    test('of a key no more are with agents than its limit, and what ends makes room', async () => {
      const { index, start, end, heard } = await limited({ keys: { api: atMost(2) } });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 5).map((id) => keyed(id, { limits: ['api'] })));
      expect(await start()).toEqual(['t000', 't001']);
      expect(await start()).toEqual([]);
      const before = heard();
      await end('t000');
      expect(heard()).toBeGreaterThan(before);
      expect(await start()).toEqual(['t002']);
      await end('t001', 't002');
      expect(await start()).toEqual(['t003', 't004']);
    });

    test('nothing waits behind a full limit, in its lane or in another', async () => {
      const { index, start } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10, { capabilities: ['work', 'read'] });
      await index.add(ids('t', 3).map((id, i) => keyed(id, { limits: ['api'] }, { score: i })));
      await index.add([task('plain', { score: 50 }), task('other', { score: 60 }, ['read'])]);
      await index.add([keyed('free', { limits: ['db'] }, { score: 70 })]);
      expect(await start()).toEqual(['t000', 'plain', 'other', 'free']);
      expect(await index.stats()).toMatchObject({ queued: 2, parkedLanes: 1 });
    });

    test('a task that names several needs room in all of them', async () => {
      const { index, start, end } = await limited({ keys: { a: atMost(2), b: atMost(1) } });
      await connectAgent(index, 'x', 10);
      await index.add([
        keyed('ab1', { limits: ['a', 'b'] }, { score: 1 }),
        keyed('ab2', { limits: ['a', 'b'] }, { score: 2 }),
        keyed('a1', { limits: ['a'] }, { score: 3 }),
        keyed('a2', { limits: ['a'] }, { score: 4 }),
      ]);
      expect(await start()).toEqual(['ab1', 'a1']);
      await end('a1');
      expect(await start()).toEqual(['a2']);
      await end('ab1');
      expect(await start()).toEqual(['ab2']);
    });

    test('a beginning stands for each key that begins so, each with its own count', async () => {
      const { index, start } = await limited({
        keys: { 'customer/*': atMost(1), 'customer/big': atMost(2) },
      });
      await connectAgent(index, 'a', 10);
      const of = (customer: string) =>
        ids(customer, 3).map((id) => keyed(id, { limits: [`customer/${customer}`] }));
      await index.add([...of('big'), ...of('one'), ...of('two')]);
      expect(await start()).toEqual(['big000', 'big001', 'one000', 'two000']);
    });

    test('a reservation counts, and gives its room back when it is released or lapses', async () => {
      const { index, advance, reserve } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 2).map((id) => keyed(id, { limits: ['api'] })));
      const [first] = await reserve();
      expect(first?.taskId).toBe('t000');
      expect(await reserve()).toEqual([]);
      if (first) await index.release([{ reservation: first, requeue: false }]);
      expect((await reserve()).map((r) => r.taskId)).toEqual(['t001']);
      advance(6_000);
      expect((await reserve()).map((r) => r.taskId)).toEqual(['t001']);
    });

    test('what counts goes on to count when its session is gone, until its lease is over', async () => {
      const { index, start, end } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 2).map((id) => keyed(id, { limits: ['api'] })));
      expect(await start()).toEqual(['t000']);
      await index.dropInstance('a');
      const held = claims([{ org: ORG, taskId: 't000' }]);
      await index.putInstance({ org: ORG, sessionId: 'a2', spec: agent('a'), slots: 10, held });
      await index.grant('a2', 10);
      expect(await start()).toEqual([]);
      await end('t000');
      expect(await start()).toEqual(['t001']);
    });

    test('of a rate no more are started in any stretch of its period', async () => {
      const { index, advance, start, end, heard } = await limited({ keys: { api: perPeriod(2, 1_000) } });
      await connectAgent(index, 'a', 20);
      await index.add(ids('t', 6).map((id) => keyed(id, { limits: ['api'] })));
      expect(await start(1)).toEqual(['t000']);
      advance(400);
      expect(await start()).toEqual(['t001']);
      await end('t000', 't001');
      advance(500);
      expect(await start()).toEqual([]);
      const before = heard();
      advance(150);
      expect(heard()).toBeGreaterThan(before);
      expect(await start()).toEqual(['t002']);
      advance(300);
      expect(await start()).toEqual([]);
      advance(100);
      expect(await start()).toEqual(['t003']);
    });

    test('a start that came to nothing does not count for the rate', async () => {
      const { index, reserve } = await limited({ keys: { api: perPeriod(1, 3_600_000) } });
      await connectAgent(index, 'a', 10);
      await index.add([keyed('t1', { limits: ['api'] })]);
      const [reservation] = await reserve();
      if (reservation) await index.release([{ reservation, requeue: true }]);
      expect((await reserve()).map((r) => r.taskId)).toEqual(['t1']);
    });

    test('the organisation as a whole has no more than its max_concurrent', async () => {
      const { index, start, end, heard } = await limited({ maxConcurrent: 3 });
      await connectAgent(index, 'a', 10);
      await connectAgent(index, 'b', 10, {}, 'free');
      await index.add(ids('t', 5).map((id) => task(id)));
      await index.add([task('theirs', { org: 'free', score: 2_000 })]);
      expect(await start()).toEqual(['t000', 't001', 't002', 'theirs']);
      const before = heard();
      await end('t000');
      expect(heard()).toBeGreaterThan(before);
      expect(await start()).toEqual(['t003']);
    });

    test('of agents no more have a task than max_busy_agents; those that have one get the others', async () => {
      const { index, reserve, end } = await limited({ maxBusyAgents: 2 });
      for (const id of ['a', 'b', 'c']) await connectAgent(index, id, 2);
      await index.add(ids('t', 6).map((id) => task(id)));
      const reservations = await reserve();
      await index.confirm(confirmed(reservations));
      expect(reservations).toHaveLength(4);
      expect(new Set(reservations.map((r) => r.agentId)).size).toBe(2);
      const [busy] = reservations;
      const own = reservations.filter(({ agentId }) => agentId === busy?.agentId);
      await end(...own.map(({ taskId }) => taskId));
      const next = await reserve();
      expect(next.length).toBeGreaterThan(0);
      const agents = new Set(
        [...reservations.filter((r) => !own.includes(r)), ...next].map((r) => r.agentId),
      );
      expect(agents.size).toBe(2);
    });

    test('slots that are reserved for people are not taken by the rest', async () => {
      const { index, start, end } = await limited({ reservedSlots: 7 });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 5).map((id) => task(id)));
      expect(await start()).toEqual(['t000', 't001', 't002']);
      await index.add(ids('h', 2).map((id) => task(id, { band: 'HUMAN' })));
      expect(await start()).toEqual(['h000', 'h001']);
      await end('t000');
      expect(await start()).toEqual(['t003']);
      await connectAgent(index, 'b', 10);
      expect(await start()).toEqual(['t004']);
    });

    test('limits that change while tasks wait hold at once', async () => {
      const { index, start, change, heard } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 20);
      await index.add(ids('t', 6).map((id) => keyed(id, { limits: ['api'] })));
      expect(await start()).toEqual(['t000']);
      const before = heard();
      change({ keys: { api: atMost(3) } });
      expect(heard()).toBeGreaterThan(before);
      expect(await start()).toEqual(['t001', 't002']);
      change({ keys: { api: atMost(2) } });
      expect(await start()).toEqual([]);
      change({ keys: {} });
      expect(await start()).toEqual(['t003', 't004', 't005']);
    });

    test('new tasks are given out at once only if their limits have room', async () => {
      const { index } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10);
      const made = await index.reserveNew(ids('n', 2).map((id) => keyed(id, { limits: ['api'] })));
      expect(made.map((r) => r?.taskId ?? null)).toEqual(['n000', null]);
      await index.confirm(confirmed(made));
      expect(await index.reserveNew([keyed('n2', { limits: ['api'] })])).toEqual([null]);
      expect((await index.reserveNew([task('plain')])).map((r) => r?.taskId)).toEqual(['plain']);
    });

    test('a parked task that is removed, or moved, leaves nothing behind', async () => {
      const { index, start, end } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 4).map((id, i) => keyed(id, { limits: ['api'] }, { score: i })));
      expect(await start()).toEqual(['t000']);
      await index.remove([{ org: ORG, taskId: 't001', seq: nextSeq() }]);
      await index.add([keyed('t003', { limits: ['api'] }, { score: 0 })]);
      await end('t000');
      expect(await start()).toEqual(['t003']);
      await end('t003');
      expect(await start()).toEqual(['t002']);
      expect(await index.stats()).toMatchObject({ queued: 0, lanes: 0 });
    });

    test('a task that goes back is in its lane again, under its limits', async () => {
      const { index, reserve, start } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'a', 10);
      await index.add([keyed('t1', { limits: ['api'] }), keyed('t2', { limits: ['api'] }, { score: 2_000 })]);
      const [reservation] = await reserve();
      if (reservation) await index.release([{ reservation, requeue: true }]);
      expect(await start()).toEqual(['t1']);
    });

    test('until it is known what runs nothing is given out that a limit holds for', async () => {
      const { index, start, unready, heard } = await limited(
        { keys: { api: atMost(2) } },
        { isReady: false },
      );
      await connectAgent(index, 'a', 10);
      await index.add([keyed('t1', { limits: ['api'] }), keyed('t2', { limits: ['api'] }), task('plain')]);
      expect(await start()).toEqual(['plain']);
      expect(unready).toEqual([ORG]);
      const before = heard();
      await index.setRunning(ORG, [running('old', 'gone', { limits: ['api'] })], []);
      expect(heard()).toBeGreaterThan(before);
      expect(await start()).toEqual(['t1']);
      await index.freeSlots(claims([{ org: ORG, taskId: 'old' }]));
      expect(await start()).toEqual(['t2']);
    });

    test('what ran before counts for everything, and once: told by the record and by its agent', async () => {
      const { index, start, end } = await limited({ maxConcurrent: 2 }, { isReady: false });
      await connectAgent(index, 'b', 10);
      await index.add(ids('t', 3).map((id) => task(id)));
      expect(await start()).toEqual([]);
      const held = claims([{ org: ORG, taskId: 'old' }]);
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held });
      await index.setRunning(ORG, [running('old', 'a')], []);
      await index.putInstance({ org: ORG, sessionId: 'a2', spec: agent('a'), slots: 10, held });
      expect(await start()).toEqual(['t000']);
      await end('old');
      expect(await start()).toEqual(['t001']);
      expect((await index.nextInFlight(10)).map(({ taskId }) => taskId).sort()).toEqual(['t000', 't001']);
    });

    test('starts from before count for rates', async () => {
      const { index, start, advance } = await limited(
        { keys: { api: perPeriod(2, 10_000) } },
        { isReady: false },
      );
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 3).map((id) => keyed(id, { limits: ['api'] })));
      await start();
      await index.setRunning(ORG, [], [{ limits: ['api'], time: 1_700_000_000_000 - 4_000, count: 5 }]);
      advance(5_900);
      expect(await start()).toEqual([]);
      advance(200);
      expect(await start()).toEqual(['t000', 't001']);
    });

    test('an organisation that begins to limit something is unready then', async () => {
      const { index, start, change, unready } = await limited({}, { isReady: false });
      await connectAgent(index, 'a', 10);
      await index.add(ids('t', 3).map((id) => task(id)));
      expect(await start(1)).toEqual(['t000']);
      expect(unready).toEqual([]);
      change({ maxConcurrent: 2 });
      expect(await start()).toEqual([]);
      expect(unready).toEqual([ORG]);
      await index.setRunning(ORG, [running('t000', 'a')], []);
      expect(await start()).toEqual(['t001']);
    });
  });
}
