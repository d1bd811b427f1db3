import { agent, type Client, createClient, type TaskInfo } from '@reeve/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(data?: string) {
  const coordinator = await openEmbedded(data === undefined ? {} : { data });
  const client = createClient({ address: coordinator.address });
  closers.push(
    () => coordinator.stop(),
    () => client.close(),
  );
  return { coordinator, client };
}

/** An agent that writes down what it was given, and fails where it is told to. */
async function worker(
  address: string,
  slots = 4,
  failing: readonly string[] = [],
  gate: () => Promise<unknown> = async () => undefined,
) {
  const done: string[] = [];
  const fails = new Set<string>(failing);
  const it = agent({ agentId: 'worker', address, slots, log: silent });
  it.handle('step', async (_input, ctx) => {
    const name = ctx.task.labels.name ?? '';
    if (name.startsWith('other')) await gate();
    if (fails.has(name)) throw new Error('told to');
    done.push(name);
    return name;
  });
  await it.start();
  closers.push(() => it.stop());
  return { done, fails };
}

const step = (name: string, ...dependsOn: string[]) => ({
  kind: 'step',
  labels: { name },
  dependsOn,
  retry: { maxAttempts: 1 },
});

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
    await closers
      .splice(0)
      .reverse()
      .reduce(async (before, close) => {
        await before;
        await close();
      }, Promise.resolve());

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
    const deadline = Date.now() + 2_000;
    const waiting = await client.submit({ kind: 'nobody', deadline });
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

describe('update', () => {
  test('changes what waits, for the order too', async () => {
    const { coordinator, client } = await open();
    const [a, b] = [await client.submit(step('a')), await client.submit(step('b'))];
    const changed = await client.update(b.taskId, { tier: 'URGENT', labels: { name: 'b', team: 'core' } });
    expect(changed).toMatchObject({ tier: 'URGENT', labels: { name: 'b', team: 'core' } });
    const { done } = await worker(coordinator.address, 1);
    await Promise.all([a.wait(), b.wait()]);
    expect(done).toEqual(['b', 'a']);
    await expect(client.update(a.taskId, { tier: 'LOW' })).rejects.toMatchObject({
      reason: 'TASK_NOT_WAITING',
    });
  });

  test('a time is set and taken away; the agent gets the task as it was changed', async () => {
    const { coordinator, client } = await open();
    const task = await client.submit(step('late'));
    const later = new Date(Date.now() + 3_600_000);
    expect(await client.update(task.taskId, { runAt: later })).toMatchObject({
      state: 'SCHEDULED',
      runTime: later,
    });
    await client.update(task.taskId, { labels: { name: 'renamed' } });
    expect(await client.update(task.taskId, { runAt: null, deadline: later })).toMatchObject({
      state: 'QUEUED',
      deadline: later,
    });
    const { done } = await worker(coordinator.address);
    expect(await task.wait()).toBe('renamed');
    expect(done).toEqual(['renamed']);
  });

  test('only if it is as it was read, and only what can be changed', async () => {
    const { coordinator, client } = await open();
    const { taskId } = await client.submit(step('x'));
    const { etag } = await client.get(taskId);
    await client.update(taskId, { tier: 'HIGH', etag });
    await expect(client.update(taskId, { tier: 'LOW', etag })).rejects.toMatchObject({
      code: 'ABORTED',
      reason: 'ETAG_MISMATCH',
    });
    const [soon, late] = [Date.now() + 60_000, Date.now() + 120_000];
    await client.update(taskId, { runAt: late });
    await expect(client.update(taskId, { deadline: soon })).rejects.toThrow(
      'task.deadline: must be after run_at',
    );
    await client.update(taskId, { deadline: late + 1 });
    await expect(client.update(taskId, { runAt: late + 1 })).rejects.toThrow(
      'task.run_at: must be before the deadline',
    );
    await expect(client.update(taskId, {})).rejects.toThrow(/update_mask: must name at least one/);
    const answer = await fetch(`http://${coordinator.httpAddress}/reeve.v1.CoordinatorService/UpdateTask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ taskId, task: { tier: 'TIER_LOW' }, updateMask: 'kind' }),
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('update_mask.paths[0]');
  });
});
