import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { type ClientOptions, createClient, payload, ReeveError } from '@reeve/sdk';
import {
  AgentService,
  type BatchSubmitTasksRequest,
  CoordinatorService,
  ItemErrorSchema,
  SubmitTaskOutcomeSchema,
  SubmittedTaskSchema,
  TaskSource,
  TaskState,
  Tier,
  type WatchTasksRequest,
} from '@reeve/sdk/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeCoordinator, statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function setup(options: ClientOptions = {}) {
  const server = await FakeCoordinator.start();
  const client = createClient({ address: server.address, ...options });
  cleanups.push(
    () => client.close(),
    () => server.crash(),
  );
  return { server, client };
}

const idOf = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Accepts everything and remembers the calls. */
function acceptAll(server: FakeCoordinator): BatchSubmitTasksRequest[] {
  const calls: BatchSubmitTasksRequest[] = [];
  let tasks = 0;
  server.answer(method.batchSubmitTasks, (request) => {
    calls.push(request);
    return {
      outcomes: request.requests.map(() => ({
        outcome: {
          case: 'submitted' as const,
          value: { taskId: idOf(++tasks), state: TaskState.QUEUED, notes: ['fine'] },
        },
      })),
    };
  });
  return calls;
}

const accepted = (taskId: string) =>
  create(SubmitTaskOutcomeSchema, {
    outcome: { case: 'submitted', value: create(SubmittedTaskSchema, { taskId }) },
  });

const refused = (error: MessageInitShape<typeof ItemErrorSchema>) =>
  create(SubmitTaskOutcomeSchema, { outcome: { case: 'error', value: create(ItemErrorSchema, error) } });

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

describe('submit', () => {
  it('sends the tasks of one tick in one call, each under a request id of its own', async () => {
    const { server, client } = await setup();
    const calls = acceptAll(server);
    const handles = await Promise.all(['a', 'b', 'c'].map((kind) => client.submit({ kind })));
    expect(handles.map((handle) => handle.taskId)).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(handles[0]).toMatchObject({ state: 'QUEUED', alreadySubmitted: false, notes: ['fine'] });
    expect(calls.map(({ requests }) => requests.map(({ task }) => task?.kind))).toEqual([['a', 'b', 'c']]);
    expect(new Set(calls[0]?.requests.map((request) => request.requestId)).size).toBe(3);
  });

  it('sends at most 1,000 tasks and about 1 MiB of inputs in a call', async () => {
    const { server, client } = await setup();
    const calls = acceptAll(server);
    await client.submitMany(Array.from({ length: 1_001 }, () => ({ kind: 'k' })));
    expect(calls.map(({ requests }) => requests.length).sort()).toEqual([1, 1_000]);
    calls.length = 0;
    const input = new Uint8Array(400_000);
    await client.submitMany(Array.from({ length: 5 }, () => ({ kind: 'k', input })));
    expect(calls.map(({ requests }) => requests.length).sort()).toEqual([1, 2, 2]);
  });

  it('writes all that a task is made of', async () => {
    const { server, client } = await setup();
    const calls = acceptAll(server);
    await client.submit({
      kind: 'k',
      input: { a: 1 },
      tier: 'URGENT',
      source: 'HUMAN',
      labels: { x: 'y' },
      goal: 'g',
      requirements: { agentType: 'WORKER', capabilities: ['c'], minHealth: 0, agentId: 'me' },
      retry: { maxAttempts: 5, initialBackoffMs: 1_500 },
      attemptTimeoutMs: 60_500,
      requestId: 'mine',
    });
    await client.submit({ kind: 'k', input: payload('text/plain', 'hi') });
    expect(calls[0]?.requests[0]).toMatchObject({
      requestId: 'mine',
      task: {
        kind: 'k',
        input: { mediaType: 'application/json', content: { value: Buffer.from('{"a":1}') } },
        tier: Tier.URGENT,
        source: TaskSource.HUMAN,
        labels: { x: 'y' },
        goal: 'g',
        requirements: { agentType: 1, capabilities: ['c'], minHealth: 0, agentId: 'me' },
        retry: { maxAttempts: 5, initialBackoff: { seconds: 1n, nanos: 500_000_000 } },
        attemptTimeout: { seconds: 60n, nanos: 500_000_000 },
      },
    });
    expect(calls[1]?.requests[0]?.task?.input?.mediaType).toBe('text/plain');
  });

  it('repeats what was unavailable under the same request id, and only that', async () => {
    const { server, client } = await setup();
    const calls: string[][] = [];
    server.answer(method.batchSubmitTasks, ({ requests }) => {
      calls.push(requests.map((request) => request.requestId));
      if (calls.length === 1) throw statusError(status.UNAVAILABLE, 'DRAINING', 'going');
      return {
        outcomes: requests.map(({ requestId }) =>
          calls.length === 2 && requestId === 'b'
            ? refused({ code: status.UNAVAILABLE, reason: 'BUSY', message: 'busy' })
            : accepted(requestId),
        ),
      };
    });
    const handles = await Promise.all(['a', 'b'].map((requestId) => client.submit({ kind: 'k', requestId })));
    expect(handles.map((handle) => handle.taskId)).toEqual(['a', 'b']);
    expect(calls).toEqual([['a', 'b'], ['a', 'b'], ['b']]);
  });

  it('fails an item as the single call would have, without the others', async () => {
    const { server, client } = await setup();
    server.answer(method.batchSubmitTasks, () => ({
      outcomes: [
        refused({
          code: status.INVALID_ARGUMENT,
          reason: 'INVALID_FIELD',
          message: 'must be a name',
          field: 'task.kind',
        }),
        accepted(idOf(2)),
      ],
    }));
    const [bad, good] = await client.submitMany([{ kind: '!' }, { kind: 'k' }]);
    expect(good).toMatchObject({ ok: true, task: { taskId: idOf(2) } });
    expect(bad).toMatchObject({
      ok: false,
      error: {
        code: 'INVALID_ARGUMENT',
        reason: 'INVALID_FIELD',
        retryable: false,
        violations: [{ field: 'task.kind', description: 'must be a name' }],
      },
    });
  });

  it('refuses an input that has no JSON before anything is sent', async () => {
    const { client } = await setup();
    await expect(client.submit({ kind: 'k', input: { big: 1n } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      violations: [{ field: 'task.input' }],
    });
  });
});

describe('errors', () => {
  it('carry what the server says of them', async () => {
    const { server, client } = await setup();
    server.answer(method.retryTask, () => {
      throw statusError(status.UNAVAILABLE, 'DRAINING', 'later', { retryAfterMs: 250 });
    });
    const error = await client.retry(idOf(1)).catch((e) => e);
    expect(error).toBeInstanceOf(ReeveError);
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'DRAINING',
      message: 'later',
      retryable: true,
      retryAfterMs: 250,
    });
  });

  it('of a coordinator that is not there name the address and what to do', async () => {
    const { server, client } = await setup({ timeoutMs: 500 });
    server.crash();
    const error = await client.get(idOf(1)).catch((e) => e);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNREACHABLE', retryable: true });
    expect(error.message).toContain(server.address);
    expect(error.message).toContain('`reeve dev`');
  });

  it('of a call that takes too long are DEADLINE_EXCEEDED', async () => {
    const { server, client } = await setup({ timeoutMs: 100 });
    server.answer(method.getTask, () => new Promise(() => {}));
    await expect(client.get(idOf(1))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: false });
  });
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

describe('lists', () => {
  it('read their pages as they are asked for', async () => {
    const { server, client } = await setup();
    const pages: string[] = [];
    server.answer(method.listTasks, ({ pageToken, states, kinds }) => {
      expect({ states, kinds }).toEqual({ states: [TaskState.FAILED], kinds: ['k'] });
      pages.push(pageToken);
      const n = pages.length * 2;
      return { tasks: [{ taskId: idOf(n - 1) }, { taskId: idOf(n) }], nextPageToken: `page ${pages.length}` };
    });
    const ids: string[] = [];
    for await (const { taskId } of client.list({ states: ['FAILED'], kinds: ['k'], limit: 3 })) {
      ids.push(taskId);
    }
    expect(ids).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(pages).toEqual(['', 'page 1']);
  });

  it('of agents tell what each is', async () => {
    const { server, client } = await setup();
    server.answer(AgentService.method.listAgents, () => ({
      agents: [
        {
          spec: create(AgentService.method.registerAgent.input, { agent: { agentId: 'a', tags: ['t'] } })
            .agent,
          status: 1,
          healthScore: 0.5,
          load: { inFlight: 1, slots: 3, credit: 2 },
          instances: [{ instanceKey: 'i', slots: 3 }],
        },
      ],
    }));
    const agents = [];
    for await (const agent of client.agents.list()) agents.push(agent);
    expect(agents).toMatchObject([
      {
        agentId: 'a',
        agentType: 'GENERAL',
        status: 'ACTIVE',
        tags: ['t'],
        healthScore: 0.5,
        inFlight: 1,
        slots: 3,
        credit: 2,
        instances: [{ instanceKey: 'i', slots: 3 }],
      },
    ]);
  });
});

it('ready resolves as soon as a coordinator answers', async () => {
  const { server, client } = await setup();
  server.crash();
  const ready = client.ready();
  server.answer(AgentService.method.getServerInfo, () => ({ version: '1', mode: 'embedded' }));
  await server.listen();
  await ready;
  expect(await client.serverInfo()).toMatchObject({ version: '1', mode: 'embedded' });
});
