import { status } from '@grpc/grpc-js';
import { CoordinatorService, TaskState, type WatchTasksRequest } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;

const succeeded = (n: number, output: unknown) => ({
  task: {
    taskId: idOf(n),
    state: TaskState.SUCCEEDED,
    spec: { kind: 'k' },
    result: {
      output: { content: { case: 'data' as const, value: Buffer.from(JSON.stringify(output)) } },
    },
  },
  seq: 5n,
});

describe('wait', () => {
  it('shares one stream among the waits of a tick', async () => {
    const { server, client } = await setup();
    const requests: WatchTasksRequest[] = [];
    server.stream(method.watchTasks, (request, stream) => {
      requests.push(request);
      stream.send({ changes: [succeeded(2, 'two')] });
      stream.send({ changes: [succeeded(1, { one: 1 })] });
      stream.end();
    });
    const outputs = await Promise.all([client.wait(idOf(1)), client.wait(idOf(2)), client.wait(idOf(1))]);
    expect(outputs).toEqual([{ one: 1 }, 'two', { one: 1 }]);
    expect(requests).toMatchObject([{ taskIds: [idOf(1), idOf(2)], onlyEnds: true }]);
  });

  it('opens a broken stream anew for what is still open', async () => {
    const { server, client } = await setup();
    const asked: string[][] = [];
    server.stream(method.watchTasks, ({ taskIds }, stream) => {
      asked.push(taskIds);
      if (asked.length === 1) {
        stream.send({ changes: [succeeded(1, 1)] });
        stream.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
      } else if (asked.length === 2) {
        stream.end();
      } else {
        stream.send({ changes: [succeeded(2, 2)] });
      }
    });
    expect(await Promise.all([client.wait(idOf(1)), client.wait(idOf(2))])).toEqual([1, 2]);
    expect(asked).toEqual([[idOf(1), idOf(2)], [idOf(2)], [idOf(2)]]);
  });

  it('survives a coordinator that dies and comes back', async () => {
    const { server, client } = await setup();
    const opened = new Promise<void>((resolve) => server.stream(method.watchTasks, () => resolve()));
    const waiting = client.wait(idOf(1));
    await opened;
    server.stream(method.watchTasks, (_, stream) => stream.send({ changes: [succeeded(1, 'back')] }));
    server.crash();
    await server.listen();
    expect(await waiting).toBe('back');
  });

  it('keeps the number of streams small however the waits come', async () => {
    const { server, client } = await setup();
    const open = new Map<object, { ids: string[]; send: (n: number) => void }>();
    let most = 0;
    server.stream(method.watchTasks, ({ taskIds }, stream) => {
      open.set(stream, {
        ids: taskIds,
        send: (n) => stream.send({ changes: [succeeded(n, n)] }),
      });
      most = Math.max(most, taskIds.length);
    });
    const waits = [];
    for (let n = 1; n <= 100; n++) {
      waits.push(client.wait(idOf(n)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (new Set([...open.values()].flatMap(({ ids }) => ids)).size < 100) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBeGreaterThanOrEqual(8);
    for (const { ids, send } of open.values()) for (const id of ids) send(Number(id.slice(-12)));
    expect(await Promise.all(waits)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it('fails an id that the server refuses, and not the others', async () => {
    const { server, client } = await setup();
    server.stream(method.watchTasks, ({ taskIds }, stream) => {
      if (taskIds.includes('nonsense')) {
        stream.fail(statusError(status.INVALID_ARGUMENT, 'INVALID_FIELD', 'not a UUID'));
        return;
      }
      for (const id of taskIds) stream.send({ changes: [succeeded(Number(id.slice(-12)), id)] });
      stream.end();
    });
    const waits = [idOf(1), 'nonsense', idOf(2), idOf(3)].map((id) => client.wait(id).catch((e) => e.code));
    expect(await Promise.all(waits)).toEqual([idOf(1), 'INVALID_ARGUMENT', idOf(2), idOf(3)]);
  });

  it('says how a task ended that did not succeed', async () => {
    const { server, client } = await setup();
    server.stream(method.watchTasks, (_, stream) => {
      stream.send({
        changes: [
          {
            task: {
              taskId: idOf(1),
              state: TaskState.DEAD_LETTER,
              spec: { kind: 'k' },
              result: { error: { kind: 'RateLimited', message: 'again and again', retryable: true } },
            },
          },
          { task: { taskId: idOf(2), state: TaskState.CANCELLED, reason: 'no need' } },
          { task: { taskId: idOf(3) }, notFound: true },
        ],
      });
    });
    const [dead, cancelled, missing] = await Promise.all(
      [1, 2, 3].map((n) => client.wait(idOf(n)).catch((e): Error => e)),
    );
    expect(dead).toMatchObject({
      name: 'TaskFailedError',
      taskId: idOf(1),
      state: 'DEAD_LETTER',
      error: { kind: 'RateLimited', retryable: true },
    });
    expect(String(dead)).toContain('RateLimited: again and again');
    expect(cancelled).toMatchObject({ name: 'TaskCancelledError', reason: 'no need' });
    expect(missing).toMatchObject({ code: 'NOT_FOUND', reason: 'TASK_NOT_FOUND' });
  });

  it('can be given up, and leaves no stream behind', async () => {
    const { server, client } = await setup();
    const cancelled: Promise<void>[] = [];
    let opened = () => {};
    server.stream(method.watchTasks, (_, stream) => {
      cancelled.push(stream.cancelled);
      opened();
    });
    await expect(client.wait(idOf(1), { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      taskId: idOf(1),
      timeoutMs: 20,
    });
    const controller = new AbortController();
    const second = new Promise<void>((resolve) => (opened = resolve));
    const waiting = client.wait(idOf(1), { signal: controller.signal });
    await second;
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    // The first may have been given up before its stream had reached the server.
    await Promise.all(cancelled);
    expect(cancelled.length).toBeGreaterThanOrEqual(1);
  });

  it('ends with the client', async () => {
    const { server, client } = await setup();
    server.stream(method.watchTasks, () => {});
    const waiting = client.wait(idOf(1));
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', reason: 'CLIENT_CLOSED' });
    await expect(client.get(idOf(1))).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});
