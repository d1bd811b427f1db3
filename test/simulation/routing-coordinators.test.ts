import { describe, expect, test } from 'vitest';
import { createRoutingWorld } from './routing-world.js';

const STATIC = { strategy: 'STATIC' } as const;

describe('two coordinators', () => {
  test('what one had to choose is chosen by the other after it died', async () => {
    const w = createRoutingWorld(
      { agentResolutionStrategy: 'PLAN_RETRIEVE', planRetrievePolicy: 'plan' },
      { decide: ({ candidates }) => candidates?.[0]?.agent_id ?? '' },
    );
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one', 2_000);
    const ids = [await w.accepted(one), await w.accepted(one)];
    one.crash();
    const two = await w.start('two', 2_000);
    const a = await w.connect(two, 'a');
    await w.pass(5_000);
    expect([...a.got].sort()).toEqual([...ids].sort());
    for (const id of ids) {
      expect(await w.routings(id)).toEqual(['PLANNED']);
      expect(await w.stateOf(id)).toBe('SUCCEEDED');
      await w.world.expectConsistent(id);
    }
  });

  test('what waits for the chosen agent of one that died is watched by the other', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'gone', resolutionStartLimitMs: 20_000 });
    const one = await w.start('one', 2_000);
    const taskId = await w.accepted(one, { routing: STATIC });
    one.crash();
    const two = await w.start('two', 2_000);
    const a = await w.connect(two, 'a');
    await w.pass(30_000);
    expect(a.got).toEqual([taskId]);
    expect(await w.routings(taskId)).toEqual(['AGENT_GONE: gone']);
  });

  test('both choose, and one choice holds', async () => {
    const w = createRoutingWorld(
      { agentResolutionStrategy: 'PLAN_RETRIEVE', planRetrievePolicy: 'plan' },
      { decide: ({ candidates }) => candidates?.[0]?.agent_id ?? '' },
    );
    w.rules.put({ policyId: 'plan' });
    const [one, two] = [await w.start('one', 1_000), await w.start('two', 1_000)];
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push(await w.accepted(one));
    await w.pass(3_000);
    const [a, b] = await Promise.all([w.connect(one, 'a'), w.connect(two, 'b')]);
    await w.pass(20_000);
    expect([...a.got, ...b.got].sort()).toEqual([...ids].sort());
    for (const id of ids) {
      expect((await w.routings(id)).filter((reason) => reason === 'PLANNED')).toHaveLength(1);
      await w.world.expectConsistent(id);
    }
  });
});
