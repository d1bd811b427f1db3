import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import { Failing } from '../support/scripted-policies.js';
import { createRoutingWorld } from './routing-world.js';

const STATIC = { strategy: 'STATIC' } as const;
const PLAN = { strategy: 'PLAN_RETRIEVE' } as const;

describe('plan-and-retrieve', () => {
  const planned = { agentResolutionStrategy: 'PLAN_RETRIEVE', planRetrievePolicy: 'plan' } as const;

  test('the policy gets the task and the candidates, and who it names gets the task', async () => {
    const w = createRoutingWorld(planned, {
      decide: () => ({ head_agent_subject_id: 'b', reason: 'why not' }),
    });
    w.rules.put({ policyId: 'plan', version: 4 });
    const one = await w.start('one');
    const [a, b] = [await w.connect(one, 'a'), await w.connect(one, 'b')];
    await w.connect(one, 'unable', 'DO', { slots: 1, capabilities: ['else'] });
    const taskId = await w.accepted(one);
    await w.pass(1_000);
    expect(b.got).toEqual([taskId]);
    expect(a.got).toEqual([]);
    const [input] = w.engine.asked;
    expect(input?.task).toMatchObject({ task_id: taskId, kind: 'work' });
    expect(input?.candidates?.map(({ agent_id: id }) => id)).toEqual(['a', 'b']);
    const event = (await w.world.events(taskId)).find(({ type }) => type === 'ROUTED');
    expect(event).toMatchObject({
      reason: 'PLANNED',
      detail: {
        route: { agentId: 'b', epoch: 0 },
        decision: { policyId: 'plan', version: 4, output: { head_agent_subject_id: 'b', reason: 'why not' } },
      },
    });
    await w.world.expectConsistent(taskId);
    expect(w.errors).toEqual([]);
  });

  test("a task's own policy goes before its organisation's", async () => {
    const w = createRoutingWorld(planned, {
      decide: (_input, policyId) => (policyId === 'mine' ? 'a' : 'b'),
    });
    for (const policyId of ['plan', 'mine']) w.rules.put({ policyId });
    const one = await w.start('one');
    const [a, b] = [await w.connect(one, 'a'), await w.connect(one, 'b')];
    const own = await w.accepted(one, { policies: { planRetrieve: 'mine' } });
    const orgs = await w.accepted(one);
    await w.pass(1_000);
    expect([a.got, b.got]).toEqual([[own], [orgs]]);
  });

  test('nobody is asked while nobody could get it; then at once', async () => {
    const w = createRoutingWorld(planned, { decide: () => 'late' });
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one');
    const taskId = await w.accepted(one);
    await w.pass(20_000);
    expect(w.engine.asked).toHaveLength(0);
    expect(await one.ports.index.whyWaiting({ org: w.org, taskId })).toMatchObject({ why: 'NO_AGENT' });
    expect(await one.ports.index.stats()).toMatchObject({ queued: 1, perTier: { NORMAL: 1 } });
    const late = await w.connect(one, 'late');
    await w.pass(300);
    expect(late.got).toEqual([taskId]);
    expect(await one.ports.index.stats()).toMatchObject({ queued: 0 });
  });

  test.each([
    ['names nobody', () => '', 'NO_CHOICE'],
    ['names somebody who may not get it', () => 'stranger', 'PLAN_FAILED: WRONG_RESULT'],
    ['answers what it may not', () => 7, 'PLAN_FAILED: WRONG_RESULT'],
    [
      'runs away',
      () => {
        throw new Failing('RUNAWAY');
      },
      'PLAN_FAILED: RUNAWAY',
    ],
  ] as [string, () => JsonValue, string][])(
    'a policy that %s returns the task to selection',
    async (_name, decide, reason) => {
      const w = createRoutingWorld(planned, { decide });
      w.rules.put({ policyId: 'plan' });
      const one = await w.start('one');
      await w.connect(one, 'stranger', 'DO', { slots: 1, capabilities: ['else'] });
      const a = await w.connect(one, 'a');
      const taskId = await w.accepted(one);
      await w.pass(1_000);
      expect(a.got).toEqual([taskId]);
      expect(await w.routings(taskId)).toEqual([reason]);
      const event = (await w.world.events(taskId)).find(({ type }) => type === 'ROUTED');
      expect(event?.detail).toMatchObject({ decision: { policyId: 'plan' } });
      expect(event?.detail).not.toHaveProperty('route');
    },
  );

  test('so does one that does not exist', async () => {
    const w = createRoutingWorld(planned);
    const one = await w.start('one');
    const a = await w.connect(one, 'a');
    const taskId = await w.accepted(one);
    await w.pass(1_000);
    expect(a.got).toEqual([taskId]);
    expect(await w.routings(taskId)).toEqual(['PLAN_FAILED: MISSING']);
  });

  test('without a fallback it is asked again, less and less often, and the trail says so once', async () => {
    const answers = { at: '' };
    const w = createRoutingWorld({ ...planned, resolutionFallback: 'NONE' }, { decide: () => answers.at });
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one');
    const a = await w.connect(one, 'a');
    const taskId = await w.accepted(one);
    await w.pass(60_000);
    expect(a.got).toEqual([]);
    expect(await w.routings(taskId)).toEqual(['NO_CHOICE']);
    expect(w.engine.asked.length).toBeGreaterThan(3);
    expect(w.engine.asked.length).toBeLessThan(10);
    expect(await one.ports.index.whyWaiting({ org: w.org, taskId })).toMatchObject({ why: 'TO_CHOOSE' });
    answers.at = 'a';
    // Somebody new is there: it is asked again at once.
    await w.connect(one, 'b');
    await w.pass(2_000);
    expect(a.got).toEqual([taskId]);
  });

  test('a policy that wants tasks rejected if it fails has them skipped', async () => {
    const w = createRoutingWorld(planned, { decide: () => 7 });
    w.rules.put({ policyId: 'plan', onError: 'REJECT' });
    const one = await w.start('one');
    await w.connect(one, 'a');
    const taskId = await w.accepted(one);
    await w.pass(1_000);
    const task = await w.world.get(taskId);
    expect(task.state).toBe('SKIPPED');
    expect(task.reason).toContain('PLAN_FAILED: WRONG_RESULT');
    expect((await w.world.events(taskId)).at(-1)?.detail).toMatchObject({ decision: { output: 7 } });
  });

  test('who was chosen and goes away is replaced by a new plan, without a fallback', async () => {
    const w = createRoutingWorld(
      { ...planned, resolutionFallback: 'NONE' },
      { decide: ({ candidates }) => candidates?.at(-1)?.agent_id ?? '' },
    );
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one');
    const a = await w.connect(one, 'a');
    const z = await w.connect(one, 'z', 'HOLD', { slots: 1 });
    const first = await w.accepted(one);
    await w.pass(1_000);
    expect(z.got).toEqual([first]);
    const second = await w.accepted(one);
    await w.pass(2_000);
    expect(await w.routings(second)).toEqual(['PLANNED']);
    z.leave();
    await w.pass(10_000);
    expect(a.got).toContain(second);
    expect(await w.routings(second)).toEqual(['PLANNED', 'AGENT_GONE: z', 'PLANNED']);
  });

  test('who fails it loses it to anybody', async () => {
    const w = createRoutingWorld(planned, { decide: () => 'bad' });
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one');
    const bad = await w.connect(one, 'bad', 'FAIL');
    const good = await w.connect(one, 'good');
    const taskId = await w.accepted(one);
    await w.pass(15_000);
    expect(bad.got).toEqual([taskId]);
    expect(good.got).toEqual([taskId]);
    expect(w.engine.asked).toHaveLength(1);
  });

  test('a policy that never answers keeps only its own tasks waiting', async () => {
    const w = createRoutingWorld({ planRetrievePolicy: 'plan' }, { decide: () => new Promise(() => {}) });
    w.rules.put({ policyId: 'plan' });
    const one = await w.start('one');
    const a = await w.connect(one, 'a');
    const stuck = await w.accepted(one, { routing: PLAN });
    const plain = await w.accepted(one);
    const fixed = await w.accepted(one, { routing: { ...STATIC, staticSubjectId: 'a' } });
    await w.pass(1_000);
    expect(a.got).toEqual([plain, fixed]);
    expect(await w.stateOf(stuck)).toBe('QUEUED');
  });
});
