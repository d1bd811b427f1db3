import { agent, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { silent } from '../support/steps.js';

const TASKS = 100;
/** Less than a lease. */
const SOON_MS = 20_000;

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, 120_000);
afterAll(() => fleet.stop());

test('what is cancelled before its accept is recorded ends when its agent has stopped, not with its lease', async () => {
  const [here = '', there = ''] = fleet.addresses;
  const [one, other] = [createClient({ address: here }), createClient({ address: there })];
  const it = agent({ agentId: 'stuck', address: here, slots: TASKS, log: silent });
  // The cancel comes at once: it meets accepts on their way.
  it.handle('stuck', (_, { taskId, signal }) => {
    void other.cancel(taskId).catch(() => {});
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await it.start();
  const ids = await Promise.all(
    Array.from({ length: TASKS }, async () => (await one.submit({ kind: 'stuck' })).taskId),
  );
  const began = performance.now();
  await Promise.allSettled(ids.map((taskId) => one.wait(taskId)));
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  for (const taskId of ids) expect((await one.get(taskId)).state).toBe('CANCELLED');
  await it.stop({ graceMs: 0 });
  one.close();
  other.close();
});
