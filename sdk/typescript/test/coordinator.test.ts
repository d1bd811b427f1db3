import { setTimeout as delay } from 'node:timers/promises';
import { agent, createClient, hasEnded, TaskError, type TaskInfo } from '@reeve/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../../../test/support/coordinator-process.js';
import { keepingLog } from './support/keeping-log.js';

const cleanups: (() => unknown)[] = [];
let coordinator: CoordinatorProcess;

beforeAll(async () => {
  coordinator = await startCoordinator();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(() => coordinator?.stop());

let agents = 0;

/** A client, and an agent that tests of other agents do not meet: its kinds are its own. */
function setup(slots = 4) {
  const { address } = coordinator;
  const client = createClient({ address, subject: 'tester' });
  const agentId = `worker-${++agents}`;
  const worker = agent({ agentId, address, slots, tags: ['t'], log: keepingLog().log });
  cleanups.push(
    () => client.close(),
    () => worker.stop({ graceMs: 0 }),
  );
  return { client, worker, agentId };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Follows a task until it is in a state. */
async function reaches(changes: AsyncIterable<TaskInfo>, state: TaskInfo['state']): Promise<TaskInfo> {
  for await (const task of changes) {
    if (task.state === state) return task;
    if (hasEnded(task.state)) throw new Error(`it ended ${task.state}`);
  }
  throw new Error('it ended');
}

describe('against a real coordinator', () => {
  it('a thousand tasks come back, each with its own output', async () => {
    const { client, worker } = setup(100);
    worker.handle('double', (n: number) => n * 2);
    await worker.start();
    const inputs = Array.from({ length: 1_000 }, (_, i) => i);
    const outputs = await Promise.all(inputs.map((input) => client.run<number>({ kind: 'double', input })));
    expect(outputs).toEqual(inputs.map((n) => n * 2));
  });

  it('a task says all that it was given and all that became of it', async () => {
    const { client, worker, agentId } = setup();
    worker.handle('fail.once', (_, { attempt, progress }) => {
      progress(0.5, 'half');
      if (attempt === 1) throw new TaskError('Hiccup', 'once', { detail: [1] });
      return Uint8Array.of(1, 2);
    });
    await worker.start();
    const { taskId, wait } = await client.submit({
      kind: 'fail.once',
      input: { a: 1 },
      tier: 'HIGH',
      source: 'HUMAN',
      labels: { l: 'x' },
      goal: 'g',
      requirements: { tags: ['t'], minHealth: 0 },
      retry: { initialBackoffMs: 1 },
    });
    expect(await wait()).toEqual(Uint8Array.of(1, 2));
    expect(await client.get(taskId)).toMatchObject({
      taskId,
      org: 'default',
      state: 'SUCCEEDED',
      kind: 'fail.once',
      tier: 'HIGH',
      source: 'HUMAN',
      labels: { l: 'x' },
      goal: 'g',
      requirements: { tags: ['t'], minHealth: 0 },
      input: { a: 1 },
      output: Uint8Array.of(1, 2),
      agentId,
      attempt: 2,
      epoch: 2,
      finishTime: expect.any(Date),
    });
    expect((await all(client.events(taskId))).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      '1 SUBMITTED',
      '2 CLAIMED',
      '3 ACCEPTED',
      '4 FAILED',
      '5 QUEUED',
      '6 CLAIMED',
      '7 ACCEPTED',
      '8 SUCCEEDED',
    ]);
    const [listed] = await all(client.list({ labels: { l: 'x' }, states: ['SUCCEEDED'] }));
    expect(listed).toMatchObject({ taskId });
    expect(listed).not.toHaveProperty('output');
    expect(await all(client.list({ kinds: ['unheard.of'] }))).toEqual([]);
  });

  it('a request id names one task', async () => {
    const { client } = setup();
    const first = await client.submit({ kind: 'k', requestId: 'mine' });
    const again = await client.submit({ kind: 'k', requestId: 'mine' });
    expect(again).toMatchObject({ taskId: first.taskId, alreadySubmitted: true });
    await expect(client.submit({ kind: 'other', requestId: 'mine' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'REQUEST_ID_REUSED',
    });
    await expect(client.submit({ kind: 'not a name' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(client.get('00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      reason: 'TASK_NOT_FOUND',
    });
  });

  it('a cancelled task stops its handler, and a retry begins it anew', async () => {
    const { client, worker } = setup();
    worker.handle('guard', (_, { signal }) => delay(60_000, undefined, { signal }));
    const task = await client.submit({ kind: 'guard' });
    await worker.start();
    await reaches(task.watch(), 'RUNNING');
    expect((await task.cancel({ reason: 'enough' })).state).toBe('CANCELLING');
    await expect(task.wait()).rejects.toMatchObject({ name: 'TaskCancelledError', reason: 'enough' });
    expect((await client.retry(task.taskId)).series).toBe(1);
    await reaches(task.watch(), 'RUNNING');
    await task.cancel();
    await expect(task.wait()).rejects.toMatchObject({ name: 'TaskCancelledError' });
    await expect(client.retry(task.taskId).then(() => client.retry(task.taskId))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'TASK_NOT_RETRYABLE',
    });
  });

  it('an attempt that takes too long is told to stop, and tried again', async () => {
    const { client, worker } = setup();
    const reasons: string[] = [];
    worker.handle('linger', (_, { attempt, signal }) => {
      if (attempt > 1) return 'quick';
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason.reason);
          reject(signal.reason);
        });
      });
    });
    await worker.start();
    const retry = { initialBackoffMs: 1 };
    expect(await client.run({ kind: 'linger', attemptTimeoutMs: 1_500, retry })).toBe('quick');
    expect(reasons).toEqual(['ATTEMPT_TIMED_OUT']);
  });

  it('what runs and what waits survives a coordinator that is killed', async () => {
    const { client, worker } = setup();
    let runs = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    worker.handle('hold', async () => {
      runs++;
      await finished;
      return runs;
    });
    await worker.start();
    const tasks = await Promise.all([1, 2, 3, 4].map(() => client.submit<number>({ kind: 'hold' })));
    const outputs = Promise.all(tasks.map((task) => task.wait()));
    for (const task of tasks) await reaches(task.watch(), 'RUNNING');
    coordinator.kill();
    await coordinator.exited;
    finish();
    coordinator = await startCoordinator({
      dataDir: coordinator.dataDir,
      address: coordinator.address,
    });
    expect(await outputs).toEqual([4, 4, 4, 4]);
    for (const { taskId } of tasks) expect((await client.get(taskId)).attempt).toBe(1);
  });

  it('agents are seen while they work and gone when they have stopped', async () => {
    const { client, worker, agentId } = setup();
    worker.handle('k', () => {});
    await worker.start();
    expect(await client.agents.get(agentId)).toMatchObject({
      status: 'ACTIVE',
      capabilities: ['k'],
      tags: ['t'],
      slots: 4,
      instances: [{ slots: 4 }],
    });
    expect(await client.agents.setStatus(agentId, 'INACTIVE')).toMatchObject({ status: 'INACTIVE' });
    await worker.stop();
    expect((await client.agents.get(agentId)).instances).toEqual([]);
    expect(await client.serverInfo()).toMatchObject({ mode: 'embedded', protocolVersion: 1 });
  });

  it('a deregistered agent stops for good', async () => {
    const { client, worker, agentId } = setup();
    worker.handle('k', () => {});
    const ran = worker.run().catch((error) => error);
    await worker.start();
    await client.agents.deregister(agentId, { reason: 'test' });
    expect(await ran).toMatchObject({ name: 'ReeveError', reason: 'DEREGISTERED' });
  });
});
