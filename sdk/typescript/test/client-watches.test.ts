import { status } from '@grpc/grpc-js';
import { CoordinatorService, TaskState } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;

describe('watch', () => {
  const change = (n: number, state: TaskState, seq: bigint) => ({ task: { taskId: idOf(n), state }, seq });

  it('yields every change once, through a stream that breaks', async () => {
    const { server, client } = await setup();
    const asked: string[][] = [];
    server.stream(method.watchTasks, ({ taskIds }, stream) => {
      asked.push(taskIds);
      if (asked.length === 1) {
        stream.send({ changes: [change(1, TaskState.QUEUED, 1n), change(2, TaskState.QUEUED, 1n)] });
        stream.send({ changes: [change(1, TaskState.RUNNING, 3n), change(2, TaskState.SUCCEEDED, 4n)] });
        stream.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
      } else {
        stream.send({ changes: [change(1, TaskState.RUNNING, 3n)] });
        stream.send({ changes: [change(1, TaskState.SUCCEEDED, 4n)] });
        stream.end();
      }
    });
    const seen: string[] = [];
    for await (const { taskId, state } of client.watch([idOf(1), idOf(2)])) {
      seen.push(`${Number(taskId.slice(-12))} ${state}`);
    }
    expect(seen.slice(0, 2)).toEqual(['1 QUEUED', '2 QUEUED']);
    expect(seen.filter((entry) => entry.startsWith('1'))).toEqual(['1 QUEUED', '1 RUNNING', '1 SUCCEEDED']);
    expect(asked.at(-1)).toContain(idOf(1));
  });

  it('ends when the caller has seen enough, and with its signal', async () => {
    const { server, client } = await setup();
    const cancelled: Promise<void>[] = [];
    server.stream(method.watchTasks, (_, stream) => {
      cancelled.push(stream.cancelled);
      stream.send({ changes: [change(1, TaskState.QUEUED, 1n)] });
    });
    for await (const { state } of client.watch(idOf(1))) {
      expect(state).toBe('QUEUED');
      break;
    }
    await cancelled[0];
    const controller = new AbortController();
    const watching = (async () => {
      for await (const _ of client.watch(idOf(1), { signal: controller.signal })) {
        controller.abort(new Error('enough'));
      }
    })();
    await expect(watching).rejects.toThrow('enough');
    await cancelled[1];
  });

  it('of a task that is not there is NOT_FOUND', async () => {
    const { server, client } = await setup();
    server.stream(method.watchTasks, (_, stream) => {
      stream.send({ changes: [{ task: { taskId: idOf(1) }, notFound: true }] });
    });
    await expect(client.watch(idOf(1))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
