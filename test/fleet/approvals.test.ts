import { type ApprovalInfo, agent, type Client, createClient, ReeveError } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { silent } from '../support/steps.js';

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, 120_000);
afterAll(() => fleet.stop());

/** A client of each coordinator, for an organisation of its own. */
function setup(org: string): readonly [Client, Client] {
  const [here = '', there = ''] = fleet.addresses;
  const clients = [here, there].map((address) => createClient({ address, org })) as [Client, Client];
  onTestFinished(() => {
    for (const client of clients) client.close();
  });
  return clients;
}

async function waiting(client: Client): Promise<readonly ApprovalInfo[]> {
  const found: ApprovalInfo[] = [];
  for await (const approval of client.approvals.list()) found.push(approval);
  return found;
}

test('a task that is submitted on one coordinator is approved on the other, and its agent is told', async () => {
  const [a, b] = setup('approvals');
  const it = agent({ agentId: 'worker', address: a.address, org: 'approvals', log: silent });
  it.handle('step', () => 'done');
  await it.start();
  onTestFinished(() => it.stop());
  await a.policies.put({ policyId: 'ask', kind: 'APPROVAL', cel: "{'needs_human': true}" });
  const { taskId, state } = await a.submit({ kind: 'step', policies: { approval: 'ask' } });
  expect(state).toBe('AWAITING_APPROVAL');
  expect(await waiting(b)).toMatchObject([{ taskId }]);
  const ended = a.wait(taskId);
  await b.approvals.approve(taskId);
  expect(await ended).toBe('done');
});

test('whichever leads, what nobody decided is decided by its default, and both tell of it', async () => {
  const [a, b] = setup('defaults');
  const cel = "{'needs_human': true, 'due': duration('1s')}";
  await b.policies.put({ policyId: 'ask', kind: 'APPROVAL', cel });
  const { taskId } = await b.submit({ kind: 'step', policies: { approval: 'ask' } });
  for (const client of [a, b]) {
    await expect(client.wait(taskId)).rejects.toMatchObject({ state: 'REJECTED' });
  }
});

test('a policy that is changed on one coordinator is in force on the other within a second', async () => {
  const [a, b] = setup('changes');
  const submit = () =>
    b.submit({ kind: 'step', policies: { approval: 'gate' } }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof ReeveError ? error.reason : String(error)),
    );
  const put = (cel: string) => a.policies.put({ policyId: 'gate', kind: 'APPROVAL', cel });
  await put('false');
  await expect.poll(submit, { timeout: 1_000, interval: 20 }).toBe('REJECTED_BY_POLICY');
  await put('true');
  await expect.poll(submit, { timeout: 1_000, interval: 20 }).toBe('accepted');
  await put("{'accepted': false, 'reason': 'closed'}");
  await expect.poll(submit, { timeout: 1_000, interval: 20 }).toBe('REJECTED_BY_POLICY');
});
