import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { agent, type Client, createClient } from '@reeve/sdk';
import { afterEach, expect, test } from 'vitest';
import { startCoordinator } from '../support/coordinator-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Who got each of ten tasks that come one after the other. */
async function turns(client: Client): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 10; i++) {
    const who = await client.run<string>({ kind: 'turn' });
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
}

test('SIGHUP switches the strategy of a coordinator that runs, and refuses what is wrong', async () => {
  const cwd = temporaryFolder('settings');
  const file = path.join(cwd, 'reeve.yaml');
  writeFileSync(file, 'load-balancing-strategy: WEIGHTED_ROUND_ROBIN\n');
  const coordinator = await startCoordinator({ cwd });
  closers.push(() => coordinator.stop());
  const reread = async (text: string, said: RegExp) => {
    writeFileSync(file, text);
    coordinator.kill('SIGHUP');
    await expect.poll(() => coordinator.stderr(), { timeout: 20_000 }).toMatch(said);
  };
  const client = createClient({ address: coordinator.address });
  closers.push(() => client.close());
  for (const [agentId, weight] of [['heavy', 9] as const, ['light', 1] as const]) {
    const worker = agent({ agentId, weight, address: coordinator.address, slots: 1, log: silent });
    worker.handle('turn', () => agentId);
    await worker.start();
    closers.push(() => worker.stop());
    await expect.poll(() => client.agents.get(agentId).then((a) => a.credit)).toBe(1);
  }
  const weighted = await turns(client);
  expect(weighted.heavy).toBeGreaterThan(weighted.light ?? 0);

  await reread('load-balancing-strategy: NONSENSE\n', /stay as they are.*reeve\.yaml:1/s);
  await reread(
    'load-balancing-strategy: ROUND_ROBIN\nlease-ttl: 30s\n',
    /read again.*load-balancing-strategy.*at the next start: lease-ttl/,
  );
  expect(await turns(client)).toEqual({ heavy: 5, light: 5 });
}, 90_000);
