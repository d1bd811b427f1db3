import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { refusal } from '../support/refusal.js';
import { step, stepWorker } from '../support/step-worker.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

describe('priority', () => {
  test('by a policy: who runs first is seen, and a sub-task goes by it as any', async () => {
    const org = openOrg(coordinator);
    const cel = 'task.parent_task_id != "" ? 1000 : task.urgency';
    await org.client.policies.put({ policyId: 'rank', kind: 'PRIORITY', cel });
    await org.set('priority_policy', 'rank');
    const low = await org.client.submit(step('low', { urgency: 300, tier: 'CRITICAL' }));
    await org.client.submit(step('middle', { urgency: 600, tier: 'LOW' }));
    await org.client.submit(step('high', { urgency: 900 }));
    await org.client.submit(step('part', { parentTaskId: low.taskId }));
    const done = await stepWorker(coordinator, org);
    await low.wait();
    expect(done).toEqual(['part', 'high', 'middle', 'low']);
  });

  test('by a formula of the organisation, in force for what comes afterwards', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'submitter');
    const first = await org.client.submit(step('first', { priority: 100 }));
    await org.client.submit(step('second', { priority: 900 }));
    await org.set('priority_formula', 'weighted');
    await org.client.submit(step('third', { urgency: 1_000, impact: 1_000 }));
    const done = await stepWorker(coordinator, org);
    await first.wait();
    expect(done).toEqual(['third', 'second', 'first']);
  });

  test('the longest wait is not made up from what the tier is worth elsewhere', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'fcfs');
    await org.client.submit(step('a', { tier: 'CRITICAL' }));
    const waited = async () => {
      const { tiers } = await org.client.queue.stats();
      return tiers.find(({ tier }) => tier === 'CRITICAL')?.oldestWaitMs ?? -1;
    };
    // By a head start of 48 h it would be runnable in two days only, and would not have waited at all.
    await expect.poll(waited).toBeGreaterThan(20);
    expect(await waited()).toBeLessThan(60_000);
  });

  test('by an expression of the organisation', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'weighted');
    await org.set('priority_expression', "task.labels.name == 'b' ? duration('10h') : duration('0s')");
    const first = await org.client.submit(step('a'));
    await org.client.submit(step('b'));
    const done = await stepWorker(coordinator, org);
    await first.wait();
    expect(done).toEqual(['b', 'a']);
  });

  test('a task that is changed is weighed again, and by its tier when the policy fails', async () => {
    const org = openOrg(coordinator);
    const put = { policyId: 'rank', kind: 'PRIORITY' } as const;
    await org.client.policies.put({ ...put, cel: "'up' in task.labels ? 1000 : 0", onError: 'REJECT' });
    await org.set('priority_policy', 'rank');
    const a = await org.client.submit(step('a'));
    const b = await org.client.submit(step('b'));
    await org.client.update(b.taskId, { labels: { name: 'b', up: '' } });
    await org.client.policies.put({ ...put, cel: "int(task.labels['none'])", onError: 'REJECT' });
    const c = await refusal(org.client.submit(step('c')));
    expect(c.message).toContain('priority policy rank gave no answer');
    expect(await org.client.update(a.taskId, { tier: 'HIGH' })).toMatchObject({ tier: 'HIGH' });
    const done = await stepWorker(coordinator, org);
    await a.wait();
    expect(done).toEqual(['b', 'a']);
  });
});
