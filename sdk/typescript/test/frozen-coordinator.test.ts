import { status } from '@grpc/grpc-js';
import { AgentService, CoordinatorService, TaskState } from '@reeve/sdk/protocol';
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
  // Connected: what follows is about answers alone.
  server.answer(AgentService.method.getServerInfo, () => ({}));
  const options = { deadline: Date.now() + 20_000, repeatable: false };
  await grpc.call(AgentService.method.getServerInfo, {}, options);
  return { server, grpc };
}

/** Long against the stalls of a busy machine. */
const TRY_MS = 1_000;

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
    await expect(get(grpc, { repeatable: false, ms: TRY_MS })).rejects.toMatchObject({
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
    await expect(get(grpc, { repeatable: true, ms: 1.5 * TRY_MS })).rejects.toMatchObject({
      code: expect.stringMatching(/^(DEADLINE_EXCEEDED|UNAVAILABLE)$/),
    });
  });
});

it('a watch that has fallen silent is opened anew', async () => {
  const { server, grpc } = await setup();
  const seen: (string | undefined)[] = [];
  let opened = 0;
  server.stream(method.watchTasks, (_, stream) => {
    opened += 1;
    // Not by how often it was opened: what is sent may be late on a busy machine.
    if (seen.length === 2) stream.fail(statusError(status.NOT_FOUND, 'TASK_NOT_FOUND', 'enough'));
    else stream.send({ changes: [{ task: { taskId: idOf(opened), state: TaskState.QUEUED }, seq: 1n }] });
  });
  const stop = new AbortController();
  const messages = reopening(grpc, method.watchTasks, {
    request: () => ({ taskIds: [idOf(1)] }),
    signal: stop.signal,
    silenceMs: 300,
  });
  const all = (async () => {
    for await (const { changes } of messages) seen.push(changes[0]?.task?.taskId);
  })();
  await expect(all).rejects.toMatchObject({ code: 'NOT_FOUND' });
  // One message of each stream.
  expect(seen).toHaveLength(2);
  expect(seen).toEqual([...new Set(seen)].sort());
});
