import { ReeveError } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** Production is for nobody, dear things are for a person to approve. */
const GATE = `"prod" in task.labels ? {"accepted": false, "reason": "not there"}
  : {"accepted": true, "needs_human": "dear" in task.labels, "reason": "it is dear"}`;

async function setup() {
  const org = openOrg(coordinator);
  await org.client.policies.put({ policyId: 'gate', kind: 'APPROVAL', cel: GATE });
  await org.set('approval_policy', 'gate');
  const submit = async (labels: Record<string, string>) =>
    (await org.client.submit({ kind: 'step', labels })).taskId;
  return { ...org, submit };
}

async function refusal(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ReeveError) return { reason: error.reason, message: error.message };
  throw new Error(`not refused: ${String(error)}`);
}

describe('an update is no way round an approval', () => {
  test('a task that was accepted does not become one that would not have been', async () => {
    const { client, submit } = await setup();
    const taskId = await submit({});
    for (const [label, why] of [
      ['prod', 'would be rejected as it is to be: not there'],
      ['dear', "would need a person's word as it is to be: it is dear"],
    ] as const) {
      expect(await refusal(client.update(taskId, { labels: { [label]: '' } }))).toEqual({
        reason: 'REJECTED_BY_POLICY',
        message: expect.stringContaining(why),
      });
    }
    expect(await client.get(taskId)).toMatchObject({ state: 'QUEUED', labels: {} });
    expect(await client.update(taskId, { labels: { fine: '' } })).toMatchObject({ labels: { fine: '' } });
  });

  test('one that waits for a person may become what a person is to be asked of, and one that was approved stay it', async () => {
    const { client, submit } = await setup();
    const taskId = await submit({ dear: '1' });
    expect(await client.update(taskId, { labels: { dear: '2' } })).toMatchObject({
      state: 'AWAITING_APPROVAL',
    });
    expect(await refusal(client.update(taskId, { labels: { prod: '' } }))).toMatchObject({
      reason: 'REJECTED_BY_POLICY',
    });
    await client.approvals.approve(taskId);
    expect(await client.update(taskId, { tier: 'HIGH' })).toMatchObject({ state: 'QUEUED', tier: 'HIGH' });
  });
});

test('an update takes nothing away that the kind of the task asks for', async () => {
  const { client } = openOrg(coordinator);
  await client.jobKinds.put({ kind: 'step', requiredFields: ['labels.ticket'] });
  const { taskId } = await client.submit({ kind: 'step', labels: { ticket: '7', by: 'ada' } });
  expect(await refusal(client.update(taskId, { labels: { by: 'ada' } }))).toMatchObject({
    reason: 'JOB_INVALID',
    message: expect.stringContaining('labels.ticket'),
  });
  expect(await client.update(taskId, { labels: { ticket: '8' } })).toMatchObject({ labels: { ticket: '8' } });
});
