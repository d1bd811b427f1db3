import { agent, type Client, type TaskInfo } from '@reeve/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, closers, open, silent, step, worker } from '../support/steps.js';
import { temporaryFolder } from '../support/temporary-folder.js';

afterEach(closeAll);

async function untilUnblocked(client: Client, taskId: string): Promise<void> {
  for await (const task of client.watch(taskId)) if (task.state !== 'BLOCKED') return;
}

async function until(client: Client, taskId: string, state: TaskInfo['state']): Promise<TaskInfo> {
  for await (const task of client.watch(taskId)) if (task.state === state) return task;
  throw new Error(`it never became ${state}`);
}

describe('tasks that depend on others', () => {
  test('run in order, whatever their tiers, and say what they wait for', async () => {
    const { coordinator, client } = await open();
    const first = await client.submit(step('first'));
    const second = await client.submit({ ...step('second', first.taskId), tier: 'CRITICAL' });
    const third = await client.submit(step('third', first.taskId, second.taskId));
    expect([second.state, third.state]).toEqual(['BLOCKED', 'BLOCKED']);
    expect(await client.get(third.taskId)).toMatchObject({
      pendingDependencies: 2,
      dependsOn: [first, second]
        .map(({ taskId }) => ({ taskId, runAnyway: false }))
        .sort((a, b) => (a.taskId < b.taskId ? -1 : 1)),
    });
    const { done } = await worker(coordinator.address);
    expect(await client.wait(third.taskId)).toBe('third');
    expect(done).toEqual(['first', 'second', 'third']);
  });

  test('a failure skips the whole chain behind it, and a retry brings it back', async () => {
    const { coordinator, client } = await open();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await client.submit(step(String(i), ...ids.slice(-1)))).taskId);
    const anyway = await client.submit({
      ...step('anyway'),
      dependsOn: ids.map((taskId) => ({ taskId, runAnyway: true })),
    });
    const [first = '', ...rest] = ids;
    const { done, fails } = await worker(coordinator.address, 1, ['0']);
    await until(client, first, 'DEAD_LETTER');
    for (const id of rest)
      expect(await until(client, id, 'SKIPPED')).toMatchObject({ reason: 'UPSTREAM_FAILED' });
    expect(await client.wait(anyway.taskId)).toBe('anyway');

    await expect(client.retry(ids[4] ?? '')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'TASK_NOT_RETRYABLE',
      message: expect.stringContaining(`because of task ${first}: retry that`),
      metadata: { state: 'SKIPPED', upstream_task_id: first },
    });

    fails.clear();
    await client.retry(first);
    // A watch of what has ended would end: it is skipped still.
    const last = () => client.get(ids[4] ?? '').then(({ state }) => state);
    await expect.poll(last, { timeout: 25_000 }).toBe('SUCCEEDED');
    expect(done).toEqual(['anyway', '0', '1', '2', '3', '4']);
    const types: string[] = [];
    for await (const event of client.events(ids[4] ?? '')) types.push(event.type);
    expect(types.slice(0, 5)).toEqual(['SUBMITTED', 'SKIPPED', 'BLOCKED', 'UNBLOCKED', 'CLAIMED']);
  });

  test('a coordinator that starts goes on where chains were cut off', async () => {
    const data = temporaryFolder('dependencies');
    const first = await open(data);
    const up = await first.client.submit(step('up'));
    const down = await first.client.submit(step('down', up.taskId));
    const last = await first.client.submit(step('last', down.taskId));
    await closeAll();

    const second = await open(data);
    await worker(second.coordinator.address);
    expect(await second.client.wait(last.taskId)).toBe('last');
  });

  test('tasks that are retried together keep their order, whichever is retried first', async () => {
    const { coordinator, client } = await open();
    const up = await client.submit({ ...step('up'), kind: 'nobody-can' });
    const down = await client.submit(step('down', up.taskId));
    const { done } = await worker(coordinator.address);
    // The upstream last and first, so that there is nobody to be skipped for when it ends.
    for (const task of [down, up]) await client.cancel(task.taskId);
    await client.retry(down.taskId);
    const skipped = await until(client, down.taskId, 'SKIPPED');
    expect(skipped.series).toBe(1);
    await client.retry(up.taskId);
    expect(await until(client, down.taskId, 'BLOCKED')).toMatchObject({ series: 1 });
    expect(done).toEqual([]);
    const able = agent({ agentId: 'able', address: coordinator.address, log: silent });
    able.handle('nobody-can', async () => 'up');
    await able.start();
    closers.push(() => able.stop());
    expect(await client.wait(down.taskId)).toBe('down');
  });

  test('what cannot be depended on is refused with its place', async () => {
    const { client } = await open();
    const unknown = '01890a5d-ac96-774b-bcce-b302099a8057';
    await expect(client.submit(step('x', unknown))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      reason: 'DEPENDENCY_NOT_FOUND',
    });
    await expect(client.submit(step('x', unknown, unknown.toUpperCase()))).rejects.toThrow(
      /dependencies\[1\]\.task_id: names a task that was named before/,
    );
    await expect(client.submit(step('x', 'nonsense'))).rejects.toThrow(/dependencies\[0\]\.task_id/);
  });

  test('an urgent one lets what it waits for go first', async () => {
    const { coordinator, client } = await open();
    const others = await Promise.all(Array.from({ length: 5 }, (_, i) => client.submit(step(`other ${i}`))));
    const low = await client.submit({ ...step('low'), tier: 'LOW' });
    const urgent = await client.submit({ ...step('urgent', low.taskId), tier: 'URGENT' });
    // Whatever else was on its way is held up until the urgent one can be had.
    const { done } = await worker(coordinator.address, 1, [], () => untilUnblocked(client, urgent.taskId));
    await client.wait(urgent.taskId);
    await Promise.all(others.map((task) => task.wait()));
    expect(done[0]).toBe('low');
    // One more may have been on its way when it was unblocked.
    expect(done.indexOf('urgent')).toBeLessThanOrEqual(2);
  });

  test('one that is made urgent while it waits lets the whole chain before it go first', async () => {
    const { coordinator, client } = await open();
    for (let i = 0; i < 3; i++) await client.submit(step(`other ${i}`));
    const first = await client.submit({ ...step('first'), tier: 'LOW' });
    const second = await client.submit({ ...step('second', first.taskId), tier: 'LOW' });
    const last = await client.submit({ ...step('last', second.taskId), tier: 'LOW' });
    const peek = async () => (await client.queue.peek()).map(({ task }) => task.taskId).indexOf(first.taskId);
    expect(await peek()).toBe(3);
    await client.update(last.taskId, { tier: 'URGENT' });
    expect(await peek()).toBe(0);
    for (const { taskId } of [first, second]) {
      const types: string[] = [];
      for await (const event of client.events(taskId)) types.push(event.type);
      expect(types).toEqual(['SUBMITTED', 'URGENCY_INHERITED']);
    }

    // What it inherited is no time that it has waited.
    const { tiers, lanes } = await client.queue.stats({ tier: 'LOW' });
    for (const { oldestWaitMs } of [...tiers.filter(({ tier }) => tier === 'LOW'), ...lanes]) {
      expect(oldestWaitMs).toBeGreaterThanOrEqual(0);
      expect(oldestWaitMs).toBeLessThan(3_600_000);
    }
    const metrics = await fetch(`http://${coordinator.httpAddress}/metrics`).then((answer) => answer.text());
    const [, seconds] = /reeve_queue_oldest_wait_seconds\{tier="LOW"\} (\S+)/.exec(metrics) ?? [];
    expect(Number(seconds)).toBeLessThan(3_600);
  });
});

describe('deadlines', () => {
  test('end a task that waits and one that runs, whose agent is told to stop', async () => {
    const { coordinator, client } = await open();
    let stop = (_reason: unknown) => {};
    const stopped = new Promise((resolve) => {
      stop = resolve;
    });
    const it = agent({ agentId: 'slow', address: coordinator.address, slots: 1, log: silent });
    it.handle('slow', async (_input, ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
      stop(ctx.signal.reason);
      ctx.signal.throwIfAborted();
    });
    await it.start();
    closers.push(() => it.stop());
    const deadline = Date.now() + 4_000;
    const waiting = await client.submit({ kind: 'nobody', deadline });
    const running = await client.submit({ kind: 'slow', deadline });
    const after = await client.submit({ kind: 'nobody', dependsOn: [running.taskId] });

    for (const { taskId } of [waiting, running]) {
      const task = await until(client, taskId, 'TIMED_OUT');
      expect(task).toMatchObject({ reason: 'DEADLINE_PASSED', deadline: new Date(deadline) });
    }
    await stopped;
    await until(client, after.taskId, 'SKIPPED');
    await expect.poll(() => client.agents.get('slow').then((a) => a.credit)).toBe(1);
  });

  test('that have passed, or come before the task may run, are refused', async () => {
    const { client } = await open();
    await expect(client.submit({ kind: 'x', deadline: Date.now() - 1 })).rejects.toThrow(
      'task.deadline: has passed',
    );
    const runAt = Date.now() + 60_000;
    await expect(client.submit({ kind: 'x', runAt, deadline: runAt })).rejects.toThrow(
      'task.deadline: must be after run_at',
    );
  });
});
