import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ReadyIndex, ReadyTask } from '../../src/ports/ready-index.js';
import {
  agent,
  type ConnectArgs,
  claims,
  confirmed,
  connectAgent,
  type IndexUnderTest,
  nextSeq,
  ORG,
  task,
} from './ready-index-world.js';

/** What every implementation of the port does alike. */
export function describeReadyIndex(name: string, open: () => IndexUnderTest): void {
  describe(`ready index: ${name}`, () => {
    let index: ReadyIndex;
    let advance: (ms: number) => void;

    beforeEach(() => {
      ({ index, advance } = open());
    });

    const connect = (...args: ConnectArgs) => connectAgent(index, ...args);

    async function pop(max = 100): Promise<readonly string[]> {
      return (await index.reserve(max)).map((r) => r.taskId);
    }

    test('the lowest score goes first, ties by id', async () => {
      await connect('a', 10);
      await index.add([task('t3', { score: 3 }), task('t1', { score: 1 }), task('t2b', { score: 2 })]);
      await index.add([task('t2a', { score: 2 })]);
      expect(await pop()).toEqual(['t1', 't2a', 't2b', 't3']);
    });

    test('scores count across tiers and signatures', async () => {
      await connect('a', 10, { capabilities: ['work', 'read'] });
      await index.add([task('low', { tier: 'LOW', score: 5 }), task('read', { score: 4 }, ['read'])]);
      await index.add([task('critical', { tier: 'CRITICAL', score: 6 })]);
      expect(await pop()).toEqual(['read', 'low', 'critical']);
    });

    test('human work goes before everything else, whatever the scores', async () => {
      await connect('a', 10);
      await index.add([task('machine', { score: 1, tier: 'CRITICAL' })]);
      await index.add([task('human', { score: 9_999, band: 'HUMAN', tier: 'LOW' })]);
      expect(await pop()).toEqual(['human', 'machine']);
    });

    test('any order of arrival comes out as bands, then scores', async () => {
      const item = fc.record({
        score: fc.nat(50),
        band: fc.constantFrom('HUMAN' as const, 'OTHER' as const),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(item, { maxLength: 40 }), async (items) => {
          ({ index } = open());
          await connect('a', 100);
          const tasks = items.map((over, i) => task(String(i).padStart(3, '0'), over));
          for (const t of tasks) await index.add([t]);
          const rank = (t: ReadyTask) => [t.band === 'HUMAN' ? 0 : 1, t.score, Number(t.taskId)];
          const expected = [...tasks].sort((x, y) => {
            const [a, b] = [rank(x), rank(y)];
            return a.map((v, i) => v - (b[i] ?? 0)).find((d) => d !== 0) ?? 0;
          });
          expect(await pop()).toEqual(expected.map((t) => t.taskId));
        }),
        { numRuns: 50 },
      );
    });

    test('credit bounds what an agent gets, and a repeated grant adds nothing', async () => {
      await connect('a', 2);
      await index.add(['t1', 't2', 't3', 't4'].map((id) => task(id)));
      expect(await pop()).toEqual(['t1', 't2']);
      await index.grant('a', 2);
      expect(await pop()).toEqual([]);
      await index.grant('a', 3);
      expect(await pop()).toEqual(['t3']);
    });

    test('a task goes only to an agent that meets its requirements', async () => {
      await connect('reader', 5, { capabilities: ['read'] });
      await index.add([task('t1'), task('t2', {}, ['read'])]);
      expect(await pop()).toEqual(['t2']);
      await connect('worker', 5);
      const [r] = await index.reserve(10);
      expect(r).toMatchObject({ taskId: 't1', agentId: 'worker' });
    });

    test('a lane nobody can serve holds up no other', async () => {
      await connect('a', 5);
      await index.add([task('first', { score: 1 }, ['rare']), task('second', { score: 2 })]);
      expect(await pop()).toEqual(['second']);
      expect(await index.stats()).toMatchObject({ queued: 1, parkedLanes: 1 });
    });

    test('organisations share nothing', async () => {
      await connect('a', 5, {}, 'other');
      await index.add([task('t1')]);
      expect(await pop()).toEqual([]);
    });

    test('least connections: equal agents get equal shares, the busier one less', async () => {
      await connect('a', 10);
      await connect('b', 10);
      await index.add(['1', '2', '3', '4', '5', '6'].map((id) => task(id)));
      const agents = (await index.reserve(6)).map((r) => r.agentId);
      expect(agents.filter((a) => a === 'a')).toHaveLength(3);
    });

    test('an agent below the threshold of health, or unwilling, gets nothing until it is back', async () => {
      await connect('a', 5);
      await index.setEligibility(ORG, 'a', 0.4, 'ACTIVE');
      await index.add([task('t1')]);
      expect(await pop()).toEqual([]);
      await index.setEligibility(ORG, 'a', 0.6, 'INACTIVE');
      expect(await pop()).toEqual([]);
      await index.setEligibility(ORG, 'a', 0.6, 'ACTIVE');
      expect(await pop()).toEqual(['t1']);
    });

    test('a confirmed one takes a slot until it is freed', async () => {
      await connect('a', 5);
      await index.add([task('t1')]);
      await index.confirm(confirmed(await index.reserve(1)));
      advance(60_000);
      expect(await index.stats()).toMatchObject({ inFlight: 1, reserved: 0, queued: 0 });
      await index.freeSlots(claims([{ org: ORG, taskId: 't1' }]));
      await index.freeSlots(claims([{ org: ORG, taskId: 't1' }]));
      expect(await index.stats()).toMatchObject({ inFlight: 0 });
    });

    test('a task that is reserved or running is not queued a second time', async () => {
      await connect('a', 5);
      await index.add([task('t1')]);
      const reservations = await index.reserve(1);
      await index.add([task('t1')]);
      expect(await pop()).toEqual([]);
      await index.confirm(confirmed(reservations));
      await index.add([task('t1')]);
      expect(await pop()).toEqual([]);
    });

    test('adding a known task again moves it', async () => {
      await connect('a', 5);
      await index.add([task('t1', { score: 1 }), task('t2', { score: 2 })]);
      await index.add([task('t1', { score: 3 })]);
      expect(await pop()).toEqual(['t2', 't1']);
    });

    test('a removed task is gone', async () => {
      await connect('a', 5);
      await index.add([task('t1'), task('t2')]);
      await index.remove([{ org: ORG, taskId: 't1', seq: nextSeq() }]);
      expect(await pop()).toEqual(['t2']);
      expect(await index.stats()).toMatchObject({ queued: 0, perTier: { NORMAL: 0 } });
    });

    test('an instance that is gone gets nothing, and its credit is void when it comes back', async () => {
      await connect('a', 5);
      await index.dropInstance('a');
      await index.add([task('t1')]);
      expect(await pop()).toEqual([]);
      await index.putInstance({ org: ORG, sessionId: 'a2', spec: agent('a'), slots: 5, held: [] });
      expect(await pop()).toEqual([]);
      await index.grant('a2', 1);
      expect(await pop()).toEqual(['t1']);
    });

    test('a slot may be freed for one session only', async () => {
      const held = claims([{ org: ORG, taskId: 'h1' }]);
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held });
      await index.freeSlots(held, 'b');
      expect(await index.stats()).toMatchObject({ inFlight: 1 });
      await index.freeSlots(held, 'a');
      expect(await index.stats()).toMatchObject({ inFlight: 0 });
    });

    test('leases held from before count as load', async () => {
      const held = claims([{ org: ORG, taskId: 'h1' }]);
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held });
      await index.grant('a', 5);
      await connect('b', 5);
      await index.add([task('t1')]);
      const [r] = await index.reserve(1);
      expect(r?.agentId).toBe('b');
      expect(await index.stats()).toMatchObject({ inFlight: 1 });
    });

    test('delayed tasks come out when they are due, once', async () => {
      await index.delay([
        { org: ORG, taskId: 't1', seq: nextSeq(), tier: 'NORMAL', due: 1_700_000_000_100 },
        { org: ORG, taskId: 't2', seq: nextSeq(), tier: 'NORMAL', due: 1_700_000_000_050 },
      ]);
      expect(await index.takeDue(10)).toEqual([]);
      advance(60);
      expect((await index.takeDue(10)).map((t) => t.taskId)).toEqual(['t2']);
      advance(60);
      expect((await index.takeDue(10)).map((t) => t.taskId)).toEqual(['t1']);
      expect(await index.takeDue(10)).toEqual([]);
    });

    test('a hint replaces an older one, but never one of a later epoch', async () => {
      const hint = (epoch: number, due: number) => ({ org: ORG, taskId: 't1', epoch, due });
      await index.hintLeases([hint(2, 1_700_000_000_100)]);
      await index.hintLeases([hint(1, 1_700_000_000_001)]);
      advance(50);
      expect(await index.takeDueHints(10)).toEqual([]);
      await index.hintLeases([hint(2, 1_700_000_000_200)]);
      advance(60);
      expect(await index.takeDueHints(10)).toEqual([]);
      advance(100);
      expect((await index.takeDueHints(10)).map((h) => h.epoch)).toEqual([2]);
    });

    test('the listener hears when there may be something to give', async () => {
      let heard = 0;
      index.onReady(() => {
        heard += 1;
      });
      await index.add([task('t1')]);
      expect(heard).toBe(0);
      await connect('a', 1);
      expect(heard).toBeGreaterThan(0);
      await pop();
      const before = heard;
      await index.add([task('t2')]);
      expect(heard).toBe(before);
      await index.grant('a', 2);
      expect(heard).toBeGreaterThan(before);
    });

    test('the same steps give the same choices', async () => {
      const run = async () => {
        ({ index } = open());
        for (const id of ['c', 'a', 'b']) await connect(id, 3);
        await index.add(['1', '2', '3', '4', '5'].map((id) => task(id)));
        return (await index.reserve(5)).map((r) => `${r.taskId}${r.agentId}`);
      };
      expect(await run()).toEqual(await run());
    });
  });
}
