import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { payload } from '@reeve/sdk';
import {
  type BatchSubmitTasksRequest,
  CoordinatorService,
  ItemErrorSchema,
  SubmitTaskOutcomeSchema,
  SubmittedTaskSchema,
  TaskSource,
  TaskState,
  Tier,
} from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { type FakeCoordinator, statusError } from './support/fake-coordinator.js';

const { method } = CoordinatorService;

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
