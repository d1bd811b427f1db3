import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { agent } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { run } from '../cli/support/world.js';
import { startProvider } from '../policies/support/context-server.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { silent } from '../support/steps.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HOSTS = ['--policy-private-hosts', '127.0.0.1', '--policy-plaintext-hosts', '127.0.0.1'];

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet({ args: HOSTS });
}, 120_000);
afterAll(() => fleet.stop());

/** Two tasks for each of three places, of which one looks the place up. */
const WORKFLOW = `
name: trip
context:
  places: [Rome, Oslo, Rome]
groups:
  - id: trip
    tasks:
      - id: plan
        kind: plan
        lookups: { about: { place: "{{ item.place }}" } }
        input: { known: "{{ lookups.about.found.place }}" }
        expand: { array: { place: context.places } }
      - id: go
        kind: plan
        input: "{{ results.plan.task_results.map(r, r.output.known) }}"
        result_key: trip
`;

/** An organisation whose command line is at either coordinator. */
async function setup(org: string) {
  const file = path.join(temporaryFolder('trip'), 'trip.yaml');
  writeFileSync(file, WORKFLOW);
  const reeve = (at: number, ...argv: readonly string[]) =>
    run(argv, { env: { REEVE_ADDRESS: fleet.addresses[at] ?? '', REEVE_ORG: org } });
  const worker = agent({ agentId: `${org}-1`, address: fleet.addresses[1] ?? '', org, log: silent });
  worker.handle('plan', (input) => input);
  await worker.start();
  onTestFinished(() => worker.stop({ graceMs: 0 }));
  return { file, reeve };
}

test('a workflow whose coordinator dies while it looks something up is gone on with by another', async () => {
  let answer = () => {};
  const until = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { file, reeve } = await setup('dying');
  const provider = await startProvider({ until });
  await reeve(0, 'config', 'set', 'context_provider_plaintext', 'true');
  await reeve(0, 'config', 'set', 'context_provider_timeout', '30s');
  expect((await reeve(0, 'config', 'set', 'context_provider_address', provider.address)).code).toBe(0);
  const started = await reeve(0, 'workflow', 'start', file);
  expect([started.code, started.stderr]).toEqual([0, '']);
  const { workflowId } = JSON.parse(started.stdout);
  await expect.poll(() => provider.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const asking = fleet.coordinators[0];
  await asking?.kill();
  answer();
  const argv = ['workflow', 'watch', workflowId, '--timeout', '50s'];
  await reeve(1, ...argv);
  const ended = JSON.parse((await reeve(1, 'workflow', 'get', workflowId, '-o', 'json')).stdout);
  expect(ended.state).toBe('SUCCEEDED');
  const context = JSON.parse(
    (await reeve(1, 'workflow', 'context', workflowId, 'trip', '-o', 'json')).stdout,
  );
  expect(context.value).toEqual(['Rome', 'Oslo', 'Rome']);
  expect(provider.requests.length).toBeGreaterThan(1);
  for (const { queries } of provider.requests) expect(queries).toHaveLength(2);
  await asking?.restart();
}, 120_000);

test('where a provider may not be, or is not, the command line says so', async () => {
  const { file, reeve } = await setup('away');
  const refused = await reeve(1, 'config', 'set', 'context_provider_address', '10.0.0.1:443');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(
    /would have the ContextProviderService at 10\.0\.0\.1:443: .*policy-private-hosts/,
  );
  const validated = await reeve(1, 'workflow', 'validate', file);
  expect(validated.stderr + validated.stdout).toContain('NO_CONTEXT_PROVIDER');
  const mistaken = path.join(path.dirname(file), 'mistaken.yaml');
  writeFileSync(mistaken, WORKFLOW.replace('lookups.about.', 'lookups.abuot.'));
  const wrong = await reeve(1, 'workflow', 'start', mistaken);
  expect(wrong.code).not.toBe(0);
  const place = `${WORKFLOW.slice(0, WORKFLOW.indexOf('{ known')).split('\n').length}:`;
  expect(wrong.stderr).toContain(`mistaken.yaml:${place}`);
  expect(wrong.stderr).toContain('there is no look-up abuot; did you mean about?');
  const ran = await reeve(1, 'workflow', 'start', file, '--wait', '--timeout', '50s');
  expect(ran.code).toBe(6);
  const shown = await reeve(1, 'workflow', 'get', JSON.parse(ran.stdout).workflowId);
  expect(shown.stdout).toContain(
    'LOOKUP_FAILED: lookups.about, of item 1: the organisation has no context provider',
  );
});
