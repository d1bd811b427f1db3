import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { agent, createClient } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { connect } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { silent } from '../support/steps.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

let orgs = 0;

/** Policies of an organisation of its own, until the test is over. */
function setup() {
  const org = `org-${++orgs}`;
  const client = createClient({ address: coordinator.address, org });
  const raw = connect(coordinator.address);
  onTestFinished(() => {
    client.close();
    raw.close();
  });
  const { setConfig, deleteConfig } = ConfigService.method;
  const set = (key: string, json: JsonValue) =>
    raw.call(setConfig, { key, value: fromJson(ValueSchema, json) }, { org });
  const unset = (key: string) => raw.call(deleteConfig, { key }, { org });
  return { client, policies: client.policies, org, set, unset };
}

describe('a policy in CEL', () => {
  test.each([
    ['an unknown variable', 'task.kind == "x" &&\n  tusk.goal == ""', /^line 2, column 3: .*tusk/],
    ['a wrong operand', '1 +\n\n "one" == 2', /^line \d, column \d+: /],
    ['a wrong result', '"yes"', /bool/],
    ['what is no expression', 'task.kind ==', /^line 1, column \d+: /],
  ])('is not stored with %s, and told where', async (_what, cel, description) => {
    const { policies } = setup();
    await expect(policies.put({ policyId: 'gate', kind: 'APPROVAL', cel })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'POLICY_INVALID',
      violations: [{ field: 'policy.cel', description: expect.stringMatching(description) }],
    });
    await expect(policies.get('gate')).rejects.toMatchObject({ reason: 'POLICY_NOT_FOUND' });
  });

  test('is not stored with more time than an expression may take', async () => {
    const { policies } = setup();
    await expect(
      policies.put({ policyId: 'gate', kind: 'APPROVAL', cel: 'true', deadlineMs: 5_000 }),
    ).rejects.toMatchObject({
      violations: [{ field: 'policy.deadline', description: 'must be at most 1s for an expression' }],
    });
  });

  test('is not deleted while a parameter names it', async () => {
    const { policies, set, unset } = setup();
    await policies.put({ policyId: 'gate', kind: 'APPROVAL', cel: 'true' });
    await set('approval_policy', 'gate');
    await expect(policies.delete('gate')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'POLICY_IN_USE',
      metadata: { policy_id: 'gate', key: 'approval_policy' },
    });
    await unset('approval_policy');
    expect(await policies.delete('gate')).toMatchObject({ version: 1 });
  });

  test('is tried on a task, with what its parts came to', async () => {
    const { policies } = setup();
    await policies.put({
      policyId: 'gate',
      kind: 'APPROVAL',
      cel: '{"accepted": task.labels.team == "core", "reason": "only the core team"}',
    });
    const accepted = await policies.test('gate', { task: { kind: 'report', labels: { team: 'core' } } });
    expect(accepted).toMatchObject({
      decision: { version: 1, output: { accepted: true, reason: 'only the core team' } },
      effect: 'it is accepted: only the core team',
    });
    expect(accepted.trace).toContainEqual({ expression: 'task.labels.team', value: 'core', error: '' });
    const rejected = await policies.test('gate', { task: { kind: 'report', labels: { team: 'web' } } });
    expect(rejected.effect).toBe('it is rejected: only the core team');
    const failed = await policies.test('gate', { task: { kind: 'report' } });
    expect(failed.decision).toMatchObject({ failure: 'ERROR' });
    expect(failed.effect).toMatch(/^it is rejected: the policy gave no answer \(ERROR: /);
  });

  test('answers a recorded input on its recorded version as it did', async () => {
    const { policies } = setup();
    const rank = (cel: string) => policies.put({ policyId: 'rank', kind: 'PRIORITY', cel });
    await rank('task.kind == "report" ? 700 : 100');
    const { decision } = await policies.test('rank', { task: { kind: 'report' } });
    expect(decision).toMatchObject({ version: 1, output: 700 });
    await rank('5');
    const { input, version } = decision;
    const replayed = await policies.test('rank', { input }, { version });
    expect(replayed.decision).toMatchObject({ version: 1, output: 700, input });
    const now = await policies.test('rank', { input });
    expect(now).toMatchObject({ decision: { version: 2, output: 5 }, effect: 'its priority is 5 of 1000' });
  });

  test('sees the input of a task, and the parameters of its organisation', async () => {
    const { client, policies, set } = setup();
    await set('acme/budget', 10);
    const cel = 'task.input.cost <= org["acme/budget"]';
    const ask = (cost: number) =>
      policies.test({ policyId: 'p', kind: 'APPROVAL', cel }, { task: { kind: 'report', input: { cost } } });
    expect((await ask(10)).effect).toBe('it is accepted');
    expect((await ask(11)).effect).toBe('it is rejected');
    const { taskId } = await client.submit({ kind: 'report', input: { cost: 3 } });
    expect(
      (await policies.test({ policyId: 'p', kind: 'APPROVAL', cel }, { taskId })).decision,
    ).toMatchObject({
      output: true,
      input: { task: { input: { cost: 3 } }, org: { 'acme/budget': 10 } },
    });
  });

  test('chooses among candidates, those that are given or those that there are', async () => {
    const { policies } = setup();
    const cel = 'candidates.filter(c, c.health_score > 0.9).map(c, c.agent_id)[0]';
    const plan = { policyId: 'pick', kind: 'PLAN_RETRIEVE', cel } as const;
    const task = { kind: 'report' };
    const candidates = [{ agentId: 'ill', healthScore: 0.6 }, { agentId: 'well' }];
    expect((await policies.test(plan, { task, candidates })).effect).toBe('agent well gets it');
    const nobody = { ...plan, cel: 'size(candidates) == 0 ? "" : candidates[0].agent_id' };
    expect((await policies.test(nobody, { task })).effect).toBe(
      'no agent is chosen, so it returns to selection',
    );
    const stranger = { ...plan, cel: '"stranger"' };
    expect((await policies.test(stranger, { task, candidates })).effect).toBe(
      'agent stranger is none of the candidates, so it returns to selection',
    );
  });

  test('that runs away is ended, and others are answered meanwhile and afterwards', async () => {
    const { client, policies } = setup();
    const list = `[${Array.from({ length: 150 }, (_, i) => i).join()}]`;
    const cel = `${list}.all(a, ${list}.all(b, ${list}.all(c, a + b + c >= 0)))`;
    const trial = policies.test({ policyId: 'p', kind: 'APPROVAL', cel }, { task: { kind: 'report' } });
    const { taskId } = await client.submit({ kind: 'other' });
    expect(await client.get(taskId)).toMatchObject({ kind: 'other' });
    expect((await trial).decision).toMatchObject({ failure: 'RUNAWAY' });
    const after = await policies.test(
      { policyId: 'q', kind: 'APPROVAL', cel: 'true' },
      { task: { kind: 'x' } },
    );
    expect(after.effect).toBe('it is accepted');
  });
});

test('a plan is tried on the agents that could get the task now', async () => {
  const { client, policies, org } = setup();
  for (const [agentId, kind] of [
    ['reporter', 'report'],
    ['other', 'else'],
  ] as const) {
    const it = agent({ agentId, address: coordinator.address, org, log: silent });
    it.handle(kind, () => 'done');
    await it.start();
    onTestFinished(() => it.stop());
  }
  const plan = { policyId: 'pick', kind: 'PLAN_RETRIEVE', cel: 'candidates[0].agent_id' } as const;
  const { decision, effect } = await policies.test(plan, { task: { kind: 'report' } });
  expect(effect).toBe('agent reporter gets it');
  expect(decision.input.candidates).toMatchObject([
    { agent_id: 'reporter', capabilities: ['report'], health_score: 1, in_flight: 0, attempts: 0 },
  ]);
  expect(await client.run({ kind: 'report' })).toBe('done');
  // How an attempt went is noted after its end was committed.
  await expect
    .poll(async () => (await policies.test(plan, { task: { kind: 'report' } })).decision.input.candidates)
    .toMatchObject([{ agent_id: 'reporter', attempts: 1, success_rate: 1 }]);
});
