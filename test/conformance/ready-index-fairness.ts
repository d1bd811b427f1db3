import { describe, expect, test } from 'vitest';
import { atMost, ids, keyed, openLimited } from './ready-index-limits-world.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { connectAgent, type IndexUnderTest, task } from './ready-index-world.js';

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;

/** Keys take turns by the time of slots, and the rest keeps its share of it. */
export function describeFairness(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  const limited = (...args: Parameters<typeof openLimited> extends [unknown, ...infer A] ? A : never) =>
    openLimited(open, ...args);
  const of = (fairness: string, count: number, score = NOW) =>
    ids(fairness, count).map((id, i) => keyed(id, { fairness }, { score: score + i }));
  const counts = (taskIds: readonly string[]) => {
    const found: Record<string, number> = {};
    for (const id of taskIds) found[id.slice(0, 1)] = (found[id.slice(0, 1)] ?? 0) + 1;
    return found;
  };

  describe(`fairness in the ready index: ${name}`, () => {
    test('keys take turns, however many tasks each has and however early they came', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 12);
      await index.add([...of('a', 20, NOW - 9_000), ...of('b', 3), ...of('c', 20, NOW + 500)]);
      expect(counts(await start())).toEqual({ a: 5, b: 3, c: 4 });
    });

    test('within a key the lowest score goes first', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 4);
      await index.add([...of('b', 5, NOW + 100).reverse(), ...of('a', 5).reverse()]);
      expect(await start()).toEqual(['a000', 'b000', 'a001', 'b001']);
    });

    test('tasks that name no key take turns as one', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 6);
      await index.add(ids('n', 10).map((id) => task(id, { score: NOW - 50_000 })));
      await index.add(of('a', 10));
      expect(counts(await start())).toEqual({ n: 3, a: 3 });
    });

    test('weights say how much of the time of slots each gets', async () => {
      const { index, start } = await limited({}, { weights: { a: 3 } });
      await connectAgent(index, 'x', 12);
      await index.add([...of('a', 20), ...of('b', 20)]);
      expect(counts(await start())).toEqual({ a: 9, b: 3 });
    });

    test('what was wrong in the expected time is put right: time counts, not turns', async () => {
      const { index, advance, start, end } = await limited({}, { expectedMs: 60_000 });
      await connectAgent(index, 'x', 50);
      await index.add([...of('a', 30), ...of('b', 30)]);
      expect(await start(2)).toEqual(['a000', 'b000']);
      advance(1_000);
      await end('b000');
      advance(299_000);
      await end('a000');
      expect(counts(await start(4))).toEqual({ b: 4 });
      expect(counts(await start(2))).toEqual({ a: 1, b: 1 });
    });

    test('a reservation that came to nothing is charged to nobody', async () => {
      const { index, reserve, start } = await limited();
      await connectAgent(index, 'x', 10);
      await index.add([...of('a', 5), ...of('b', 5, NOW + 100)]);
      const [reservation] = await reserve(1);
      if (reservation) await index.release([{ reservation, requeue: true }]);
      expect(await start(2)).toEqual(['a000', 'b000']);
    });

    test('a key that comes later begins where the others are, and makes up for nothing', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 100);
      await index.add([...of('a', 40), ...of('b', 40)]);
      expect(await start(40)).toHaveLength(40);
      await index.add(of('c', 40, NOW + 5_000));
      expect(counts(await start(12))).toEqual({ a: 4, b: 4, c: 4 });
    });

    test('a key that comes back soon has what it was served', async () => {
      const { index, start } = await limited({}, { expectedMs: 60_000 });
      await connectAgent(index, 'x', 100);
      await index.add([...of('a', 3), ...of('b', 30)]);
      expect(counts(await start(3))).toEqual({ a: 2, b: 1 });
      expect(counts(await start(1))).toEqual({ b: 1 });
      expect(counts(await start(1))).toEqual({ a: 1 });
      await index.add([keyed('a100', { fairness: 'a' }, { score: 0 })]);
      // Overdue by its score, but for that it would be the turn of the other.
      expect(await start(1)).toEqual(['a100']);
      await index.add([keyed('a101', { fairness: 'a' }, { score: NOW - 1_000 })]);
      expect(counts(await start(2))).toEqual({ b: 2 });
      expect(await start(1)).toEqual(['a101']);
    });

    test('a task that has waited past the bound goes first, whoever has the turn', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 10);
      await index.add([...of('a', 4, NOW - 73 * HOUR), ...of('b', 4)]);
      expect(await start(4)).toEqual(['a000', 'a001', 'a002', 'a003']);
    });

    test('keys whose limits are full lose their turns to the others, and come back where those are', async () => {
      const { index, start, end } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'x', 100);
      const both = ids('a', 10).map((id) => keyed(id, { fairness: 'a', limits: ['api'] }, { score: NOW }));
      await index.add([...both, ...of('b', 30, NOW + 10)]);
      expect(counts(await start(10))).toEqual({ a: 1, b: 9 });
      await end('a000');
      expect(counts(await start(6))).toEqual({ a: 1, b: 5 });
    });

    test('keys that share a full limit take turns at it', async () => {
      const { index, start, end, advance } = await limited({ keys: { api: atMost(1) } });
      await connectAgent(index, 'x', 100);
      const tasks = ['a', 'b', 'c'].flatMap((fairness) =>
        ids(fairness, 5).map((id) => keyed(id, { fairness, limits: ['api'] }, { score: NOW })),
      );
      await index.add(tasks);
      const order: string[] = [];
      for (let n = 0; n < 9; n += 1) {
        const [taskId = ''] = await start();
        order.push(taskId);
        advance(1_000);
        await end(taskId);
      }
      for (let n = 0; n < 9; n += 3) {
        expect(counts(order.slice(n, n + 3))).toEqual({ a: 1, b: 1, c: 1 });
      }
    });

    test('thousands of keys are served once each before any is served twice', async () => {
      const { index, start } = await limited();
      await connectAgent(index, 'x', 3_000);
      const keys = Array.from({ length: 2_000 }, (_, i) => `k${i}`);
      await index.add(
        keys.flatMap((fairness) =>
          [0, 1].map((n) => keyed(`${fairness}/${n}`, { fairness }, { score: NOW + n })),
        ),
      );
      const first: string[] = [];
      while (first.length < 2_000) first.push(...(await start(Math.min(500, 2_000 - first.length))));
      expect(new Set(first.map((id) => id.split('/')[0])).size).toBe(2_000);
    });

    test('equal keys with unequal offers get equal parts: Jain at least .95', async () => {
      const { index, advance, start, end } = await limited({}, { expectedMs: 60_000 });
      await connectAgent(index, 'x', 10_000);
      const offers = [200, 100, 60, 40];
      await index.add(offers.flatMap((count, i) => of('abcd'.charAt(i), count, NOW - count * 1_000)));
      // Each takes another time than expected: of a longer, of d shorter.
      const takes: Record<string, number> = { a: 120_000, b: 60_000, c: 60_000, d: 30_000 };
      const served: Record<string, number> = { a: 0, b: 0, c: 0, d: 0 };
      const runs: { readonly taskId: string; readonly over: number }[] = [];
      let now = 0;
      const give = async (max: number) => {
        for (const taskId of await start(max)) {
          const ms = takes[taskId.charAt(0)] ?? 0;
          served[taskId.charAt(0)] = (served[taskId.charAt(0)] ?? 0) + ms;
          runs.push({ taskId, over: now + ms });
        }
        runs.sort((x, y) => x.over - y.over);
      };
      await give(4);
      while (now < 900_000) {
        const first = runs.shift();
        if (!first) break;
        advance(first.over - now);
        now = first.over;
        await end(first.taskId);
        await give(1);
      }
      const x = Object.values(served);
      const sum = x.reduce((a, b) => a + b, 0);
      expect(sum ** 2 / (x.length * x.reduce((a, b) => a + b * b, 0))).toBeGreaterThan(0.95);
    });
  });

  describe(`the share of the rest in the ready index: ${name}`, () => {
    const bands = async (restShare: number, credit: number) => {
      const world = await limited({}, { restShare, expectedMs: 1_000 });
      await connectAgent(world.index, 'x', credit);
      await world.index.add(ids('h', 200).map((id) => task(id, { band: 'HUMAN' })));
      await world.index.add(ids('o', 200).map((id) => task(id)));
      return world;
    };

    test('people go first but for the share that the rest keeps of the time of slots', async () => {
      const { start } = await bands(0.1, 100);
      const { h = 0, o = 0 } = counts(await start());
      expect(h + o).toBe(100);
      expect(o).toBeGreaterThanOrEqual(9);
      expect(o).toBeLessThanOrEqual(11);
    });

    test('with a share of 0 the rest gets what people leave', async () => {
      const { start } = await bands(0, 100);
      expect(counts(await start())).toEqual({ h: 100 });
    });

    test('it is of time: long tasks of the rest come seldom', async () => {
      const { start, advance, end } = await bands(0.5, 1_000);
      const all: string[] = [];
      for (let n = 0; n < 60; n += 1) {
        const [id = ''] = await start(1);
        all.push(id);
        advance(id.startsWith('o') ? 9_000 : 1_000);
        await end(id);
      }
      const { h = 0, o = 0 } = counts(all);
      expect(h / o).toBeGreaterThan(7);
      expect(h / o).toBeLessThan(11);
    });

    test('while one band has nothing to give out nobody owes anything', async () => {
      const { index, start } = await limited({}, { restShare: 0.5, expectedMs: 1_000 });
      await connectAgent(index, 'x', 1_000);
      await index.add(ids('h', 50).map((id) => task(id, { band: 'HUMAN' })));
      expect(await start()).toHaveLength(50);
      await index.add(ids('h', 60).map((id) => task(`${id}b`, { band: 'HUMAN' })));
      await index.add(ids('o', 60).map((id) => task(id)));
      expect(counts(await start(20))).toEqual({ h: 10, o: 10 });
    });
  });
}
