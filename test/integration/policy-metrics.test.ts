import { createClient } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { startPolicyServer } from '../policies/support/policy-server.js';
import { openEmbedded } from '../support/embedded.js';

test('metrics tell what policies answered, what ran away and which services are spared', async () => {
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  const client = createClient({ address: coordinator.address, org: 'acme' });
  onTestFinished(() => client.close());
  const { address } = await startPolicyServer({ reply: () => 'HANG' });
  const remote = { address, plaintext: true };
  await client.policies.put({ policyId: 'gate', kind: 'APPROVAL', cel: 'true' });
  await client.policies.put({ policyId: 'away', kind: 'PRIORITY', remote, deadlineMs: 50 });
  const cel = 'task.input.all(a, task.input.all(b, task.input.all(c, a + b + c >= 0))) ? 1 : 2';
  await client.policies.put({ policyId: 'loops', kind: 'PRIORITY', cel, deadlineMs: 20 });
  const submit = (priority: string) =>
    client.submit({
      ...{ kind: 'work', input: Array.from({ length: 150 }, (_, n) => n) },
      policies: { approval: 'gate', priority },
    });
  for (let i = 0; i < 5; i++) await submit('away');
  await submit('loops');
  const metrics = await (await fetch(`http://${coordinator.httpAddress}/metrics`)).text();
  expect(metrics.split('\n').filter((line) => line.startsWith('reeve_policy_'))).toEqual([
    'reeve_policy_decisions_total{kind="APPROVAL",outcome="ok"} 6',
    'reeve_policy_decisions_total{kind="PRIORITY",outcome="DEADLINE"} 5',
    'reeve_policy_decisions_total{kind="PRIORITY",outcome="RUNAWAY"} 1',
    'reeve_policy_runaways_total 1',
    'reeve_policy_breakers_open 1',
  ]);
});
