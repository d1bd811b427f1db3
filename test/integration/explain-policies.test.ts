import { agent } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { silent } from '../support/steps.js';

async function setup() {
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  return { coordinator, ...openOrg(coordinator) };
}

test('a task that a plan policy ended is explained by what that was asked', async () => {
  const { coordinator, org, client, set } = await setup();
  const cel = 'candidates[99].agent_id';
  await client.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel, onError: 'REJECT' });
  await set('plan_retrieve_policy', 'plan');
  await set('agent_resolution_strategy', 'plan_retrieve');
  const worker = agent({ agentId: 'worker', address: coordinator.address, org, log: silent });
  worker.handle('work', async () => null);
  await worker.start();
  onTestFinished(() => worker.stop());
  const { taskId } = await client.submit({ kind: 'work' });
  for await (const { state } of client.watch(taskId)) if (state === 'SKIPPED') break;
  const { decisions } = await client.explain(taskId);
  expect(decisions).toMatchObject([{ policyId: 'plan', version: 1, failure: 'ERROR' }]);
});

test('a task for which a plan policy names nobody says since when, how often and when it is asked again', async () => {
  const { coordinator, org, client, set } = await setup();
  await client.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel: '""' });
  await set('plan_retrieve_policy', 'plan');
  const worker = agent({ agentId: 'worker', address: coordinator.address, org, log: silent });
  worker.handle('work', async () => null);
  await worker.start();
  onTestFinished(() => worker.stop());
  const routing = { strategy: 'PLAN_RETRIEVE', fallback: 'NONE' } as const;
  const { taskId } = await client.submit({ kind: 'work', routing });
  const time = '\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z';
  const told = new RegExp(
    `nobody was, since ${time} \\(policy plan in version 1: it names nobody\\)\\. ` +
      `It was asked at least [2-9] times, and will be again at ${time}, or sooner if agents change\\.`,
  );
  await expect.poll(async () => (await client.explain(taskId)).text).toMatch(told);
});

test('a task that was updated is explained by what policies said of it then, too', async () => {
  const { client, set } = await setup();
  await client.policies.put({ policyId: 'rank', kind: 'PRIORITY', cel: '"up" in task.labels ? 900 : 100' });
  await set('priority_policy', 'rank');
  const { taskId } = await client.submit({ kind: 'work' });
  await client.update(taskId, { labels: { up: '' } });
  const { decisions } = await client.explain(taskId);
  expect(decisions.map(({ output }) => output)).toEqual([100, 900]);
});
