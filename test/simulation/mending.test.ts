import { expect, test } from 'vitest';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { retryTasks } from '../../src/usecases/retry-tasks.js';
import { updateTask } from '../../src/usecases/update-task.js';
import { startCoordinator } from './one-coordinator.js';

const on = (...ids: readonly string[]) => ids.map((taskId) => ({ taskId, runAnyway: false }));

/** A chain whose first link has failed, at the moment its coordinator died: the second is skipped, the next do not know. */
async function cutOff() {
  const started = await startCoordinator();
  const { world, queue, coordinator, principal } = started;
  const first = await world.submit();
  const second = await world.submit({ dependencies: on(first) });
  const other = await world.submit();
  const third = await world.submit({ dependencies: on(second, other) });
  await world.fail(await world.claim(first), false);
  const retry = async (taskId: string) => {
    const replies = retryTasks(coordinator.ports)(principal, [{ taskId, reason: '' }]);
    await queue.run(() => false, queue.now + 5_000);
    await replies;
  };
  return { ...world, other, third, retry };
}

test('a task that had ended by then and is retried learns what became of its upstreams', async () => {
  const { third, cancel, retry, get } = await cutOff();
  await cancel(third);
  await retry(third);
  expect(await get(third)).toMatchObject({ state: 'SKIPPED', reason: 'UPSTREAM_FAILED', series: 1 });
});

test('a task that was skipped for another one learns it when it is blocked again', async () => {
  const { third, other, claim, fail, retry, get, types } = await cutOff();
  await fail(await claim(other), false);
  await retry(other);
  expect(await types(third)).toEqual(['SUBMITTED', 'SKIPPED', 'BLOCKED', 'SKIPPED']);
  expect((await get(third)).state).toBe('SKIPPED');
});

test('a task that is unblocked while its update is answered keeps its place in the index', async () => {
  const { world, queue, coordinator, principal } = await startCoordinator();
  const { ports, index } = coordinator;
  const up = await world.submit();
  const empty = new Uint8Array();
  const down = await world.submit({ dependencies: [{ taskId: up, runAnyway: true }], body: empty });
  const record: typeof ports.record = {
    ...ports.record,
    async updateTasks(requests) {
      const outcomes = await ports.record.updateTasks(requests);
      await cancelTasks(ports)(principal, [{ taskId: up, reason: '', graceMs: null }]);
      return outcomes;
    },
  };
  const { tier, labels, requirements, runAt, deadline } = world.newTask().spec;
  const body = new Uint8Array();
  const revision = { tier, labels, requirements, runAt, deadline, body, reschedules: false, detail: {} };
  const updated = updateTask({ ...ports, record })(principal, {
    taskId: down,
    seq: null,
    revise: () => revision,
  });
  await queue.run(() => false, queue.now + 5_000);
  expect((await updated).state).toBe('QUEUED');
  expect((await index.stats()).queued).toBe(1);
});
