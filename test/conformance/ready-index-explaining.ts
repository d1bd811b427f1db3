import { describe, expect, test } from 'vitest';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { claims, confirmed, connectAgent, type IndexUnderTest, ORG, task } from './ready-index-world.js';

/** How agents were chosen, and where tasks stand, as an index tells it. */
export function describeExplaining(name: string, open: () => IndexUnderTest): void {
  describe(`ready index, what explanations are made from: ${name}`, () => {
    test('a choice says its figure, who would have been next, and what decided between equals', async () => {
      const { index } = open();
      await connectAgent(index, 'a', 10);
      await index.add([task('t1')]);
      const [first] = await index.reserve(1);
      expect(first?.selection).toEqual({ strategy: 'LEAST_CONNECTIONS', cost: 0, free: 1 });
      await index.confirm(confirmed([first]));
      await connectAgent(index, 'b', 10);
      await index.add([task('t2'), task('t3')]);
      const [second, third] = await index.reserve(2);
      expect(second).toMatchObject({
        agentId: 'b',
        selection: { cost: 0, runner_up: 'a', runner_up_cost: 0.1, free: 2 },
      });
      expect(third).toMatchObject({
        agentId: 'a',
        selection: { cost: 0.1, runner_up: 'b', runner_up_cost: 0.1, tie: 'LAST_CHOSEN' },
      });
      const fresh = await index.reserveNew([task('t4')]);
      expect(fresh[0]?.selection).toMatchObject({ cost: 0.1, runner_up: 'a', runner_up_cost: 0.2, free: 2 });
    });

    test('a task for one agent says that it is', async () => {
      const { index } = open();
      await connectAgent(index, 'a', 10);
      await connectAgent(index, 'b', 10);
      const requirements = { ...NO_REQUIREMENTS, capabilities: ['work'], agentId: 'b' };
      await index.add([task('t1', { requirements })]);
      const [made] = await index.reserve(1);
      expect(made).toMatchObject({ agentId: 'b', selection: { strategy: 'ADDRESSED', free: 1 } });
    });

    test('a place tells what goes first, by lane, and who gets it', async () => {
      const { index } = open();
      await connectAgent(index, 'a', 0, { capabilities: ['work', 'read'] });
      await connectAgent(index, 'b', 0);
      await index.add([
        task('t1', { score: 1 }),
        task('t2', { score: 5, band: 'HUMAN' }),
        task('t3', { score: 2 }, ['read']),
        task('t4', { score: 3 }),
        task('t5', { score: 3 }),
        task('t6', { score: 4 }),
        task('t7', { score: 3, tier: 'LOW' }, ['else']),
      ]);
      const place = await index.place({ org: ORG, taskId: 't5' });
      expect(place).toMatchObject({ score: 3, band: 'OTHER', tier: 'NORMAL', holds: [], avoid: null });
      const ahead = place?.ahead.map(({ count, first, isServed }) => ({
        count,
        taskIds: first.map(({ taskId }) => taskId),
        isServed,
      }));
      const byFirst = ahead?.sort((x, y) => ((x.taskIds[0] ?? '') < (y.taskIds[0] ?? '') ? -1 : 1));
      expect(byFirst).toEqual([
        { count: 2, taskIds: ['t1', 't4'], isServed: true },
        { count: 1, taskIds: ['t2'], isServed: true },
        { count: 1, taskIds: ['t3'], isServed: true },
      ]);
      const read = place?.ahead.find(({ first }) => first.some(({ taskId }) => taskId === 't3'));
      expect(['a', 'b'].map((id) => read?.goesTo(id))).toEqual([true, false]);
      expect([...(place?.takers ?? [])].sort()).toEqual(['a', 'b']);
      expect([...(place?.figures ?? [])].sort()).toEqual([
        ['a', 0],
        ['b', 0],
      ]);
      expect((await index.place({ org: ORG, taskId: 't2' }))?.ahead).toEqual([]);
      expect(await index.place({ org: ORG, taskId: 'none' })).toBeNull();
      expect(await index.place({ org: 'other', taskId: 't5' })).toBeNull();
    });

    test('a place names the holds that cover it, and what the pop would do without them', async () => {
      const { index } = open();
      const part = { kind: 'work', tier: null };
      await index.hold(ORG, part, 'pause');
      await connectAgent(index, 'a', 1);
      await index.add([task('t1', { score: 1 }), task('t2', { score: 2 })]);
      const place = await index.place({ org: ORG, taskId: 't2' });
      expect(place?.holds).toEqual([{ name: 'pause', part }]);
      const lanes = place?.ahead ?? [];
      expect(place?.rehearse(lanes, new Set())).toEqual([{ taskId: 't1', agentId: 'a' }]);
      expect(place?.rehearse(lanes, new Set(['t1']))).toEqual([{ taskId: 't2', agentId: 'a' }]);
      expect(await index.reserve(1)).toEqual([]);
    });

    test('a place tells how long such tasks took', async () => {
      const { index, advance } = open();
      await connectAgent(index, 'a', 10);
      for (const [id, ms] of [
        ['t1', 1_000],
        ['t2', 3_000],
      ] as const) {
        await index.add([task(id)]);
        const made = await index.reserve(1);
        await index.confirm(confirmed(made));
        advance(ms);
        await index.recordAttempts(made.map((one) => ({ ...one, outcome: 'SUCCEEDED' as const })));
        await index.freeSlots(claims(made));
      }
      await index.hold(ORG, { kind: null, tier: null }, 'pause');
      await index.add([task('t3')]);
      const { durations } = (await index.place({ org: ORG, taskId: 't3' })) ?? {};
      expect(durations?.meanMs).toBeCloseTo(2_000, -1);
      expect(durations?.spread).toBeCloseTo(Math.SQRT2 / 2, 1);
    });
  });
}
