import { status } from '@grpc/grpc-js';
import { CoordinatorService, TaskState } from '@reeve/sdk/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reopening } from '../src/client/reopening.js';
import { GrpcClient } from '../src/transport/grpc-client.js';
import { idOf } from './support/client-world.js';
import { FakeCoordinator, statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;
const never = new Promise<never>(() => {});

async function setup() {
  const server = await FakeCoordinator.start();
  const grpc = new GrpcClient({ address: server.address });
  onTestFinished(() => {
    grpc.close();
    server.crash();
  });
  return { server, grpc };
}

/** Long against the stalls of a busy machine. */
const TRY_MS = 400;

describe('a call that is not answered', () => {
  const get = (grpc: GrpcClient, more: { repeatable: boolean; ms?: number }) =>
    grpc.call(
      method.getTask,
      { taskId: idOf(1) },
      { deadline: Date.now() + (more.ms ?? 20_000), repeatable: more.repeatable, tryMs: TRY_MS },
    );

  it('is made again, with more time for each try', async () => {
    const { server, grpc } = await setup();
    const waits: number[] = [];
    server.answer(method.getTask, (_, waitsMs) => {
      waits.push(waitsMs);
      return waits.length < 3 ? never : { task: { taskId: idOf(1) } };
    });
    expect((await get(grpc, { repeatable: true })).task?.taskId).toBe(idOf(1));
    for (const [i, ms] of waits.entries()) {
      expect(ms).toBeLessThanOrEqual(TRY_MS * 2 ** i);
      expect(ms).toBeGreaterThan(i === 0 ? 0 : TRY_MS * 2 ** (i - 1));
    }
  });

  it('is not made again if a repeat would do something else', async () => {
    const { server, grpc } = await setup();
    let calls = 0;
    server.answer(method.getTask, () => {
      calls += 1;
      return never;
    });
    await expect(get(grpc, { repeatable: false, ms: 500 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    expect(calls).toBe(1);
  });

  it('ends with what earlier tries failed with if there was no time for another', async () => {
    const { server, grpc } = await setup();
    let calls = 0;
    server.answer(method.getTask, () => {
      calls += 1;
      if (calls === 1) throw statusError(status.UNAVAILABLE, 'STORE_UNAVAILABLE', 'the record is away');
      return never;
    });
    await expect(get(grpc, { repeatable: true, ms: TRY_MS })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('the record is away'),
    });
    expect(calls).toBeGreaterThan(1);
  });

  it('ends with its deadline', async () => {
    const { server, grpc } = await setup();
    server.answer(method.getTask, () => never);
    await expect(get(grpc, { repeatable: true, ms: 1_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(DEADLINE_EXCEEDED|UNAVAILABLE)$/),
    });
  });
});

it('a watch that has fallen silent is opened anew', async () => {
  const { server, grpc } = await setup();
  let opened = 0;
  server.stream(method.watchTasks, (_, stream) => {
    opened += 1;
    stream.send({ changes: [{ task: { taskId: idOf(opened), state: TaskState.QUEUED }, seq: 1n }] });
    if (opened === 3) stream.fail(statusError(status.NOT_FOUND, 'TASK_NOT_FOUND', 'enough'));
  });
  const stop = new AbortController();
  const messages = reopening(grpc, method.watchTasks, {
    request: () => ({ taskIds: [idOf(1)] }),
    signal: stop.signal,
    silenceMs: 100,
  });
  const seen: (string | undefined)[] = [];
  const all = (async () => {
    for await (const { changes } of messages) seen.push(changes[0]?.task?.taskId);
  })();
  await expect(all).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(seen.slice(0, 2)).toEqual([idOf(1), idOf(2)]);
});
