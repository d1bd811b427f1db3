import { expect, test } from 'vitest';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { retryTasks } from '../../src/usecases/retry-tasks.js';
import { startCoordinator } from './one-coordinator.js';

/** Longer than a round and its pages. */
const ROUND_MS = 5_000;

async function open() {
  const started = await startCoordinator(2_000);
  const { queue, coordinator, world } = started;
  const pass = (ms: number) => queue.run(() => false, queue.now + ms);
  return { ...started, pass, index: coordinator.index, org: world.org };
}

test('what the index has lost is back within a round', async () => {
  const { world, index, org, pass } = await open();
  const queued = await world.submit();
  const scheduled = await world.submit({}, { runTime: Date.now() + 3_600_000 });
  await pass(ROUND_MS);
  expect(await index.stats()).toMatchObject({ queued: 1, delayed: 1 });
  for (const taskId of [queued, scheduled]) await index.remove([{ org, taskId, seq: 1 }]);
  expect(await index.stats()).toMatchObject({ queued: 0, delayed: 0 });
  await pass(ROUND_MS);
  expect(await index.stats()).toMatchObject({ queued: 1, delayed: 1 });
});

test('what waits in the index and has ended in the record is dropped', async () => {
  const { world, index, pass } = await open();
  const taskId = await world.submit();
  await pass(ROUND_MS);
  await world.cancel(taskId);
  expect(await index.stats()).toMatchObject({ queued: 1 });
  await pass(ROUND_MS);
  expect(await index.stats()).toMatchObject({ queued: 0 });
});

test('slots of leases that are over are freed, those of live ones are not', async () => {
  const { world, index, org, pass } = await open();
  const [live, over] = [await world.running(), await world.running()];
  const held = [live, over].map(({ taskId, epoch }) => ({ org, taskId, epoch }));
  const { spec } = world.newTask();
  const agent = {
    agentId: live.agentId,
    agentType: 'WORKER' as const,
    capabilities: spec.requirements.capabilities,
  };
  const plain = {
    services: [],
    tags: [],
    endpoints: {},
    metadata: {},
    version: '',
    region: null,
    location: null,
  };
  await index.putInstance({
    org,
    sessionId: 's',
    spec: { ...agent, ...plain, weight: null },
    slots: 2,
    held,
  });
  await world.settle(over);
  expect(await index.stats()).toMatchObject({ inFlight: 2 });
  await pass(ROUND_MS);
  expect(await index.stats()).toMatchObject({ inFlight: 1 });
});

test('a cancelled task that is retried is watched for its deadline again', async () => {
  // Without a second round, so that it is not the reconciler who sees to it.
  const { world, coordinator, principal, queue } = await startCoordinator();
  const { ports } = coordinator;
  const deadline = ports.clock.now() + 60_000;
  const taskId = await world.submit({ deadline });
  await ports.deadlines.watch([{ org: world.org, taskId, seq: 1, due: deadline }]);
  const both = async () => {
    await cancelTasks(ports)(principal, [{ taskId, reason: '', graceMs: null }]);
    await retryTasks(ports)(principal, [{ taskId, reason: '' }]);
  };
  const done = both();
  await queue.run(() => false, queue.now + 1_500);
  await done;
  expect((await world.get(taskId)).state).toBe('QUEUED');
  await queue.run(() => false, queue.now + 61_000);
  expect((await world.get(taskId)).state).toBe('TIMED_OUT');
});
