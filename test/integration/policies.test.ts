import { createClient, type PolicySample } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { startPolicyServer } from '../policies/support/policy-server.js';
import { all } from '../support/all-of.js';
import { openEmbedded } from '../support/embedded.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

let orgs = 0;

/** A client of an organisation of its own, until the test is over. */
function setup() {
  const org = `org-${++orgs}`;
  const client = createClient({ address: coordinator.address, org });
  onTestFinished(() => client.close());
  return { client, org, policies: client.policies };
}

const REMOTE = { address: '127.0.0.1:9', plaintext: true };

describe('policies', () => {
  test('have a version for each put, and are read as they were put', async () => {
    const { policies } = setup();
    const put = { policyId: 'gate', kind: 'APPROVAL', remote: REMOTE, onError: 'ACCEPT' } as const;
    const first = await policies.put({ ...put, deadlineMs: 1_500, description: 'asks the budget' });
    expect(first).toMatchObject({
      ...put,
      deadlineMs: 1_500,
      version: 1,
      actor: 'anonymous',
      deleted: false,
    });
    const second = await policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: REMOTE });
    expect(second).toMatchObject({ version: 2, onError: 'DEFAULT', description: '' });
    expect(second).not.toHaveProperty('deadlineMs');
    expect(await policies.get('gate')).toEqual(second);
    expect(await policies.get('gate', { version: 1 })).toEqual(first);
    expect(await all(policies.list({ versionsOf: 'gate' }))).toEqual([second, first]);
  });

  test('are changed only as they were read, where that is asked for', async () => {
    const { policies } = setup();
    const gate = { policyId: 'gate', kind: 'APPROVAL', remote: REMOTE } as const;
    await policies.put(gate, { etag: '*' });
    for (const etag of ['*', '2', 'other']) {
      await expect(policies.put(gate, { etag })).rejects.toMatchObject({
        code: 'ABORTED',
        reason: 'ETAG_MISMATCH',
        metadata: { policy_id: 'gate', etag: '1' },
      });
    }
    expect(await policies.put(gate, { etag: '1' })).toMatchObject({ version: 2 });
    await expect(policies.delete('gate', { etag: '1' })).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    expect(await policies.delete('gate', { etag: '2' })).toMatchObject({ version: 2 });
    expect(await policies.put(gate, { etag: '*' })).toMatchObject({ version: 4 });
  });

  test('that are only checked are not changed, and find what a put would', async () => {
    const { policies } = setup();
    const gate = { policyId: 'gate', kind: 'APPROVAL', remote: REMOTE } as const;
    expect(await policies.put(gate, { validateOnly: true })).toMatchObject({ version: 1 });
    await expect(policies.get('gate')).rejects.toMatchObject({ reason: 'POLICY_NOT_FOUND' });
    await policies.put(gate);
    const check = { validateOnly: true };
    expect(await policies.put(gate, check)).toMatchObject({ version: 2 });
    await expect(policies.put(gate, { ...check, etag: '7' })).rejects.toMatchObject({
      reason: 'ETAG_MISMATCH',
    });
    await expect(policies.put({ ...gate, kind: 'PRIORITY' }, check)).rejects.toMatchObject({
      reason: 'POLICY_OF_OTHER_KIND',
    });
    expect(await policies.get('gate')).toMatchObject({ version: 1 });
  });

  test('are all of one kind in their versions', async () => {
    const { client } = setup();
    await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: REMOTE });
    await expect(
      client.policies.put({ policyId: 'gate', kind: 'PRIORITY', remote: REMOTE }),
    ).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'POLICY_OF_OTHER_KIND',
      metadata: { policy_id: 'gate', kind: 'APPROVAL' },
    });
  });

  test('are listed by id, of a kind, and page by page', async () => {
    const { client } = setup();
    const ids = Array.from({ length: 205 }, (_, i) => `p${String(i).padStart(3, '0')}`);
    for (const [i, policyId] of ids.entries()) {
      await client.policies.put({ policyId, kind: i % 2 ? 'PRIORITY' : 'APPROVAL', remote: REMOTE });
    }
    await client.policies.delete('p000');
    const listed = (await all(client.policies.list())).map(({ policyId }) => policyId);
    expect(listed).toEqual(ids.slice(1));
    expect(await all(client.policies.list({ kind: 'APPROVAL' }))).toHaveLength(102);
    expect(await all(client.policies.list({ kind: 'PLAN_RETRIEVE' }))).toEqual([]);
  });

  test('that are deleted are gone, but not their versions', async () => {
    const { client, org } = setup();
    const put = await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: REMOTE });
    expect(await client.policies.delete('gate')).toEqual(put);
    for (const gone of [client.policies.get('gate'), client.policies.delete('gate')]) {
      await expect(gone).rejects.toMatchObject({
        code: 'NOT_FOUND',
        reason: 'POLICY_NOT_FOUND',
        message: `policy gate does not exist in organisation ${org}`,
        metadata: { policy_id: 'gate', org },
      });
    }
    expect(await client.policies.get('gate', { version: 1 })).toEqual(put);
    expect(await client.policies.get('gate', { version: 2 })).toMatchObject({ deleted: true });
  });

  test.each([
    ['no address at all', 'nowhere', false, /"nowhere" is not host:port, such as/],
    ['a private address', '10.0.0.1:443', false, /10\.0\.0\.1 is not a public address.*policy-private-hosts/],
    ['the metadata of a cloud', '169.254.169.254:80', false, /169\.254\.169\.254 is not a public address/],
    [
      'a host that must have TLS',
      'policies.example:443',
      true,
      /without TLS \(setting policy-plaintext-hosts\)/,
    ],
  ])('may not be at %s', async (_what, address, plaintext, message) => {
    const { client } = setup();
    await expect(
      client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: { address, plaintext } }),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'POLICY_INVALID',
      violations: [{ field: 'policy.remote.address', description: expect.stringMatching(message) }],
    });
    await expect(client.policies.get('gate')).rejects.toMatchObject({ reason: 'POLICY_NOT_FOUND' });
  });

  test('need a rule and a kind', async () => {
    const { client } = setup();
    await expect(client.policies.put({ policyId: 'gate', kind: 'APPROVAL' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const kind = 'SOMETHING' as 'APPROVAL';
    await expect(client.policies.put({ policyId: 'gate', kind, remote: REMOTE })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('a trial of a remote policy', () => {
  const approving = () =>
    startPolicyServer({ reply: () => ({ message: { accepted: true, reason: 'fine' } }) });

  test('on a stored task shows what it was asked, what it answered, and what that means', async () => {
    const { client } = setup();
    const { address, calls } = await approving();
    await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: { address, plaintext: true } });
    const { taskId } = await client.submit({ kind: 'report', goal: 'a summary' });
    const trial = await client.policies.test('gate', { taskId });
    expect(trial).toMatchObject({
      decision: {
        kind: 'APPROVAL',
        policyId: 'gate',
        version: 1,
        output: { accepted: true, reason: 'fine', needs_human: false },
        failure: '',
        input: { task: { task_id: taskId, goal: 'a summary', tier: 'NORMAL' } },
      },
      effect: 'it is accepted: fine',
      trace: [],
    });
    expect(calls).toHaveLength(1);
    const again = await client.policies.test('gate', { input: trial.decision.input });
    expect(again.decision.input).toEqual(trial.decision.input);
    expect(again.decision.output).toEqual(trial.decision.output);
  });

  test('that is not stored, on a task that is not, leaves nothing', async () => {
    const { client } = setup();
    const { address } = await startPolicyServer({
      reply: () => ({ message: { needsHuman: true, due: { seconds: 60n } } }),
    });
    const policy = { policyId: 'draft', kind: 'APPROVAL', remote: { address, plaintext: true } } as const;
    const trial = await client.policies.test(policy, { task: { kind: 'report', labels: { team: 'core' } } });
    expect(trial).toMatchObject({
      decision: { version: 0, input: { task: { task_id: '', kind: 'report', labels: { team: 'core' } } } },
      effect: 'it waits for a person, for 1m at most',
    });
    expect(await all(client.list())).toEqual([]);
    expect(await all(client.policies.list())).toEqual([]);
  });

  test('that gives no answer shows what would become of the task', async () => {
    const { client } = setup();
    const { address } = await startPolicyServer({ reply: () => 'HANG' });
    const remote = { address, plaintext: true };
    const ask = (onError: 'REJECT' | 'ACCEPT' | 'DEFAULT') =>
      client.policies.test(
        { policyId: 'slow', kind: 'APPROVAL', remote, deadlineMs: 50, onError },
        { task: { kind: 'report' } },
      );
    const { decision, effect } = await ask('DEFAULT');
    expect(decision).toMatchObject({ failure: 'DEADLINE', message: 'there was no answer in time' });
    expect(decision).not.toHaveProperty('output');
    expect(decision.tookMs).toBeGreaterThanOrEqual(45);
    expect(effect).toMatch(/^it is rejected: the policy gave no answer \(DEADLINE: /);
    expect((await ask('ACCEPT')).effect).toMatch(/^it is accepted: /);
  });

  test.each([
    [{}, 'task_id', /must be set/],
    [{ input: { task: { tier: 7, kindd: 'x' } } }, 'input.task.tier', /must be a string, not an int/],
    [{ input: { tusk: {} } }, 'input.tusk', /is not a field of it, did you mean task\?/],
    [{ input: {}, candidates: [{ agentId: 'a' }] }, 'candidates', /are only for plan-and-retrieve/],
  ])('of %j is refused at %s', async (sample, field, description) => {
    const { client } = setup();
    const policy = { policyId: 'gate', kind: 'APPROVAL', remote: REMOTE } as const;
    await expect(client.policies.test(policy, sample as PolicySample)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: expect.arrayContaining([{ field, description: expect.stringMatching(description) }]),
    });
  });

  test('needs a policy and a task that exist', async () => {
    const { client } = setup();
    const taskId = '00000000-0000-7000-8000-000000000000';
    await expect(client.policies.test('gone', { taskId })).rejects.toMatchObject({
      reason: 'POLICY_NOT_FOUND',
    });
    await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote: REMOTE });
    await expect(client.policies.test('gate', { taskId })).rejects.toMatchObject({
      reason: 'TASK_NOT_FOUND',
    });
    await expect(client.policies.test('gate', { taskId }, { version: 9 })).rejects.toMatchObject({
      message: expect.stringMatching(/^version 9 of policy gate does not exist in organisation org-/),
    });
  });
});
