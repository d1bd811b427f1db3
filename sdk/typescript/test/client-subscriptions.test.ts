import { status } from '@grpc/grpc-js';
import {
  CoordinatorService,
  TaskState,
  WorkflowEventType,
  WorkflowService,
  WorkflowState,
} from '@reeve/sdk/protocol';
import { expect, test, vi } from 'vitest';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { watchTasks } = CoordinatorService.method;
const { watchWorkflow } = WorkflowService.method;

const change = (n: number, state: TaskState, seq: bigint) => ({ task: { taskId: idOf(n), state }, seq });
const until = (check: () => unknown) => vi.waitFor(check, 5_000);

test('a handler of tasks is told of every change once, through a stream that breaks, until they have ended', async () => {
  const { server, client } = await setup();
  let streams = 0;
  server.stream(watchTasks, (_, stream) => {
    streams += 1;
    stream.send({ changes: [change(1, TaskState.RUNNING, 3n)] });
    if (streams === 1) stream.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    else {
      stream.send({ changes: [change(1, TaskState.SUCCEEDED, 4n)] });
      stream.end();
    }
  });
  const seen: string[] = [];
  await new Promise<void>((end) => {
    client.on('task', idOf(1), async ({ state }) => void seen.push(state), { end });
  });
  expect([seen, streams]).toEqual([['RUNNING', 'SUCCEEDED'], 2]);
});

test('what a handler throws, or rejects with, goes to the error callback; it is told of what comes after', async () => {
  const { server, client } = await setup();
  server.stream(watchTasks, (_, stream) => {
    const states = [TaskState.QUEUED, TaskState.ASSIGNED, TaskState.SUCCEEDED];
    for (const [i, state] of states.entries()) stream.send({ changes: [change(1, state, BigInt(i + 1))] });
    stream.end();
  });
  const errors: unknown[] = [];
  const seen: string[] = [];
  await new Promise<void>((end) => {
    const handler = ({ state }: { readonly state: string }) => {
      seen.push(state);
      if (state === 'QUEUED') throw new Error('thrown');
      return state === 'ASSIGNED' ? Promise.reject(new Error('rejected')) : undefined;
    };
    client.on('task', [idOf(1)], handler, { end, error: (error) => errors.push(error) });
  });
  expect(seen).toEqual(['QUEUED', 'ASSIGNED', 'SUCCEEDED']);
  expect(errors).toEqual([new Error('thrown'), new Error('rejected')]);
});

test('a handler is not called again while it is at work, nor once it was taken away', async () => {
  const { server, client } = await setup();
  let cancelled: Promise<void> | undefined;
  server.stream(watchTasks, (_, stream) => {
    cancelled = stream.cancelled;
    for (const seq of [1n, 2n, 3n]) stream.send({ changes: [change(1, TaskState.QUEUED, seq)] });
  });
  const releases: (() => void)[] = [];
  const errors: unknown[] = [];
  const off = client.on(
    'task',
    { filter: { kinds: ['a'] } },
    () => new Promise<void>((resolve) => void releases.push(resolve)),
    { error: (error) => errors.push(error), end: () => errors.push('ended') },
  );
  await until(() => expect(releases).toHaveLength(1));
  releases[0]?.();
  await until(() => expect(releases).toHaveLength(2));
  off();
  off();
  releases[1]?.();
  await cancelled;
  expect(releases).toHaveLength(2);
  expect(errors).toEqual([]);
});

test('a handler of a workflow is told of its events, from the number on that it names', async () => {
  const { server, client } = await setup();
  const asked: (bigint | undefined)[] = [];
  server.stream(watchWorkflow, ({ afterSeq }, stream) => {
    asked.push(afterSeq);
    const workflow = { workflowId: idOf(7), state: WorkflowState.SUCCEEDED, seq: 6n };
    stream.send({ workflow, events: [{ seq: 6n, type: WorkflowEventType.FINISHED, state: workflow.state }] });
  });
  const seen: unknown[] = [];
  await new Promise<void>((end) => {
    const selection = { workflowId: idOf(7), afterSeq: 5 };
    const handler = (update: { readonly events: readonly { readonly type: string }[] }) =>
      void seen.push(update.events.map(({ type }) => type));
    client.on('workflow', selection, handler, { end });
  });
  expect([seen, asked]).toEqual([[['FINISHED']], [5n]]);
});

test('what cannot be followed is told to the error callback, and is the end; a closed client only ends', async () => {
  const { server, client } = await setup();
  server.stream(watchTasks, ({ taskIds }, stream) => {
    if (taskIds[0] === idOf(1)) stream.send({ changes: [{ task: { taskId: idOf(1) }, notFound: true }] });
    else stream.send({ changes: [change(2, TaskState.QUEUED, 1n)] });
  });
  const told: unknown[] = [];
  const error = (cause: unknown) => told.push((cause as { code: string }).code);
  await new Promise<void>((end) => {
    client.on('task', idOf(1), () => {}, { error, end });
  });
  expect(told).toEqual(['NOT_FOUND']);

  await new Promise<void>((end) => {
    client.on('task', idOf(2), () => client.close(), { error, end });
  });
  expect(told).toEqual(['NOT_FOUND']);
});

test('without an error callback what a handler throws is logged', async () => {
  const { server, client } = await setup();
  server.stream(watchTasks, (_, stream) => {
    stream.send({ changes: [change(1, TaskState.SUCCEEDED, 1n)] });
    stream.end();
  });
  const lines: unknown[] = [];
  const ignore = () => {};
  const log = { debug: ignore, info: ignore, warn: ignore, error: (...line: unknown[]) => lines.push(line) };
  const cause = new Error('no');
  await new Promise<void>((end) => {
    const handler = () => {
      throw cause;
    };
    client.on('task', idOf(1), handler, { end, log });
  });
  expect(lines).toEqual([['the handler of a subscription failed', { error: cause }]]);
});
