import { fileURLToPath } from 'node:url';
import { createClient } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { ExampleProcess } from '../support/example-process.js';

const SERVER = fileURLToPath(new URL('../../dist/examples/policies/remote/server.js', import.meta.url));

test('the example of a PolicyService decides by its rules', async () => {
  const example = new ExampleProcess(process.execPath, [SERVER, '127.0.0.1:0'], {});
  await expect.poll(() => example.stdout).toMatch(/PolicyService on \S+\n/);
  const address = /on (\S+)/.exec(example.stdout)?.[1] ?? '';
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  const client = createClient({ address: coordinator.address });
  onTestFinished(() => client.close());
  const remote = { address, plaintext: true };
  for (const kind of ['APPROVAL', 'PRIORITY', 'PLAN_RETRIEVE', 'AUCTION_INPUT'] as const) {
    await client.policies.put({ policyId: kind, kind, remote });
  }
  const effect = async (
    policyId: string,
    task: object,
    candidates?: { agentId: string; meanSeconds: number }[],
  ) => {
    const sample = { task: { kind: 'report', ...task }, ...(candidates && { candidates }) };
    return (await client.policies.test(policyId, sample)).effect;
  };
  expect(await effect('APPROVAL', { tier: 'CRITICAL' })).toBe(
    'it is rejected: a CRITICAL task says what it is for',
  );
  expect(await effect('APPROVAL', { tier: 'CRITICAL', goal: 'to win' })).toMatch(/^it is accepted/);
  expect(await effect('PRIORITY', { labels: { team: 'support' } })).toBe('its priority is 800 of 1000');
  const candidates = [
    { agentId: 'slow', meanSeconds: 9 },
    { agentId: 'fast', meanSeconds: 2 },
  ];
  expect(await effect('PLAN_RETRIEVE', {}, candidates)).toBe('agent fast gets it: the fastest so far');
  // It serves no method for this kind.
  expect(await effect('AUCTION_INPUT', {})).toContain('UNIMPLEMENTED');
});
