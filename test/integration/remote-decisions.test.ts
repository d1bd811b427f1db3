import { agent, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { type Reply, startPolicyServer } from '../policies/support/policy-server.js';
import { openEmbedded } from '../support/embedded.js';
import { silent } from '../support/steps.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

let orgs = 0;

/** An organisation that serves a policy itself, until the test is over. */
async function setup(reply: (call: number) => Reply) {
  const org = `org-${++orgs}`;
  const client = createClient({ address: coordinator.address, org });
  onTestFinished(() => client.close());
  const { address, calls } = await startPolicyServer({ reply });
  const remote = { address, plaintext: true };
  const start = async (agentId: string) => {
    const it = agent({ agentId, address: coordinator.address, org, log: silent });
    it.handle('report', () => agentId);
    await it.start();
    onTestFinished(() => it.stop());
  };
  return { client, calls, remote, start };
}

const REPORT = { kind: 'report' };

describe('a service of the organisation', () => {
  test('accepts and rejects its tasks, from the next one on when it changes its mind', async () => {
    let accepted = true;
    const { client, remote } = await setup(() => ({ message: { accepted, reason: 'over budget' } }));
    await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', remote });
    await client.config.set('approval_policy', 'gate');
    expect(await client.submit(REPORT)).toMatchObject({ state: 'QUEUED' });
    accepted = false;
    await expect(client.submit(REPORT)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'REJECTED_BY_POLICY',
      message: expect.stringContaining('over budget'),
    });
    await client.config.delete('approval_policy');
    expect(await client.submit(REPORT)).toMatchObject({ state: 'QUEUED' });
  });

  test('that hangs holds nothing up for longer than its deadline, and its policy says what follows', async () => {
    const { client, remote } = await setup(() => 'HANG');
    const gate = { policyId: 'gate', kind: 'APPROVAL', remote, deadlineMs: 100 } as const;
    await client.policies.put(gate);
    await client.config.set('approval_policy', 'gate');
    await expect(client.submit(REPORT)).rejects.toMatchObject({
      reason: 'REJECTED_BY_POLICY',
      message: expect.stringContaining('DEADLINE'),
    });
    await client.policies.put({ ...gate, onError: 'ACCEPT' });
    expect(await client.submit(REPORT)).toMatchObject({ state: 'QUEUED' });
  });

  test('that stays away is spared: many submissions cost it few calls', async () => {
    const { client, calls, remote } = await setup(() => ({ status: 'UNAVAILABLE' }));
    await client.policies.put({ policyId: 'rank', kind: 'PRIORITY', remote, deadlineMs: 100 });
    await client.config.set('priority_policy', 'rank');
    for (let i = 0; i < 20; i++) expect(await client.submit(REPORT)).toMatchObject({ state: 'QUEUED' });
    // Two or three tries within the deadline, until five tasks have got no answer; perhaps a probe or two after.
    expect(calls.length).toBeLessThanOrEqual(25);
    expect(calls.length).toBeGreaterThanOrEqual(1);
  });

  test('chooses an agent, and one that it makes up is nobody', async () => {
    let choice = 'second';
    const { client, remote, start } = await setup(() => ({ message: { headAgentSubjectId: choice } }));
    await start('first');
    await start('second');
    await client.policies.put({ policyId: 'pick', kind: 'PLAN_RETRIEVE', remote });
    await client.config.set('plan_retrieve_policy', 'pick');
    await client.config.set('agent_resolution_strategy', 'PLAN_RETRIEVE');
    for (let i = 0; i < 4; i++) expect(await client.run(REPORT)).toBe('second');
    choice = 'stranger';
    expect(['first', 'second']).toContain(await client.run(REPORT, { timeoutMs: 20_000 }));
  });
});
