import { agent, createClient } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY_MS = 86_400_000;

test('a task waits for its time, through a restart too, and can be cancelled meanwhile', async () => {
  const data = temporaryFolder('run-at');
  const first = await openEmbedded({ data });
  const client = createClient({ address: first.address });
  // Far enough that it is still to come when all of this is submitted.
  const runAt = Date.now() + 5_000;
  const task = await client.submit({ kind: 'timed', runAt });
  const never = await client.submit({ kind: 'timed', runAt: new Date(Date.now() + DAY_MS) });
  const past = await client.submit({ kind: 'timed', runAt: Date.now() - DAY_MS });
  expect([task.state, never.state, past.state]).toEqual(['SCHEDULED', 'SCHEDULED', 'QUEUED']);
  expect(await client.get(task.taskId)).toMatchObject({ state: 'SCHEDULED', runTime: new Date(runAt) });
  await client.cancel(never.taskId);
  expect((await client.get(never.taskId)).state).toBe('CANCELLED');
  client.close();
  await first.stop();

  const second = await openEmbedded({ data });
  const began: number[] = [];
  const worker = agent({ agentId: 'timed', address: second.address, slots: 2, log: silent });
  worker.handle('timed', () => {
    began.push(Date.now());
    return 'done';
  });
  await worker.start();
  const client2 = createClient({ address: second.address });
  expect(await client2.wait(past.taskId)).toBe('done');
  expect(await client2.wait(task.taskId)).toBe('done');
  expect(began).toHaveLength(2);
  expect(began[1]).toBeGreaterThanOrEqual(runAt);
  const types: string[] = [];
  for await (const event of client2.events(task.taskId)) types.push(event.type);
  expect(types.slice(0, 3)).toEqual(['SUBMITTED', 'QUEUED', 'CLAIMED']);
  await worker.stop();
  client2.close();
  await second.stop();
});

test('a task that need not wait is born assigned; one too far ahead is refused', async () => {
  const coordinator = await openEmbedded();
  const client = createClient({ address: coordinator.address });
  const worker = agent({ agentId: 'free', address: coordinator.address, slots: 1, log: silent });
  worker.handle('at-once', () => 'done');
  await worker.start();
  await expect.poll(() => client.agents.get('free').then((a) => a.credit)).toBe(1);
  const handle = await client.submit({ kind: 'at-once' });
  expect(handle.state).toBe('ASSIGNED');
  expect(await client.wait(handle.taskId)).toBe('done');
  await expect(client.submit({ kind: 'at-once', runAt: Date.now() + 400 * DAY_MS })).rejects.toThrow(
    'task.run_at: must be at most 366 days from now',
  );
  await worker.stop();
  client.close();
  await coordinator.stop();
});
