import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { type ClientDuplexStream, type ClientReadableStream, status } from '@grpc/grpc-js';
import {
  AgentService,
  CoordinatorService,
  TaskState,
  type WatchTasksResponse,
  type WorkRequest,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';
import { describe, expect, it, vi } from 'vitest';
import { ReeveError } from '../../src/api/errors.js';
import type { WorkStream } from '../../src/api/work/work-stream.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { serve } from '../support/grpc-world.js';

const coordinator = CoordinatorService.method;

/** What a watch has told so far, as `seq STATE` a change, and how it ended. */
function follow(stream: ClientReadableStream<WatchTasksResponse>) {
  const told: string[] = [];
  const ended = new Promise<number>((resolve) => {
    stream.on('status', ({ code }) => resolve(code));
  });
  stream.on('error', () => {});
  stream.on('data', ({ changes }: WatchTasksResponse) => {
    for (const { task, seq, notFound } of changes) {
      told.push(notFound ? 'NOT_FOUND' : `${seq} ${TaskState[task?.state ?? 0]}`);
    }
  });
  return { told, ended };
}

const until = (check: () => unknown) => vi.waitFor(check, 20_000);

const reaches = (told: readonly string[], length: number) =>
  until(() => expect(told.length).toBeGreaterThanOrEqual(length));

describe('watching tasks', () => {
  it('tells of a task as it is, then of every change in order, and ends with it', async () => {
    const { client, put, move } = await serve();
    const { taskId } = put();
    const { told, ended } = follow(client.stream(coordinator.watchTasks, { taskIds: [taskId] }));
    await reaches(told, 1);
    move(taskId, 'ASSIGNED');
    await reaches(told, 2);
    move(taskId, 'RUNNING');
    await reaches(told, 3);
    move(taskId, 'SUCCEEDED');
    expect(await ended).toBe(status.OK);
    expect(told).toEqual(['1 QUEUED', '2 ASSIGNED', '3 RUNNING', '4 SUCCEEDED']);
  });

  it('ends at once for tasks that have ended and tasks that do not exist', async () => {
    const { client, put } = await serve();
    const { taskId } = put({ state: 'FAILED', seq: 7 });
    const { told, ended } = follow(
      client.stream(coordinator.watchTasks, { taskIds: [taskId, randomUUID()] }),
    );
    expect(await ended).toBe(status.OK);
    expect(told.sort()).toEqual(['7 FAILED', 'NOT_FOUND']);
  });

  it('tells of ends only when asked to', async () => {
    const { client, put, move, reads } = await serve();
    const [first, second] = [put(), put()];
    const taskIds = [first.taskId, second.taskId];
    const { told, ended } = follow(client.stream(coordinator.watchTasks, { taskIds, onlyEnds: true }));
    await until(() => expect(reads).toHaveLength(1));
    move(first.taskId, 'RUNNING');
    move(second.taskId, 'CANCELLED');
    await reaches(told, 1);
    move(first.taskId, 'SUCCEEDED');
    expect(await ended).toBe(status.OK);
    expect(told).toEqual(['2 CANCELLED', '3 SUCCEEDED']);
  });

  it('stops a watch whose caller has gone', async () => {
    const { client, put, move, reads } = await serve();
    const { taskId } = put();
    const stream = client.stream(coordinator.watchTasks, { taskIds: [taskId] });
    const { told, ended } = follow(stream);
    await reaches(told, 1);
    stream.cancel();
    expect(await ended).toBe(status.CANCELLED);
    // Until the server has heard of it a change is still read; after that none is.
    await until(async () => {
      const before = reads.length;
      move(taskId, 'RUNNING');
      await client.call(AgentService.method.getServerInfo, {});
      expect(reads.length).toBe(before);
    });
  });

  it('tells a slow reader of the newest state only, and reads nothing for it meanwhile', async () => {
    const { client, put, move, reads } = await serve();
    const reason = 'x'.repeat(200_000);
    const { taskId } = put({ reason });
    const stream = client.stream(coordinator.watchTasks, { taskIds: [taskId] });
    stream.pause();
    const changes = 200;
    for (let i = 0; i < changes; i++) {
      move(taskId, 'RUNNING', { reason });
      await client.call(AgentService.method.getServerInfo, {});
    }
    const readWhilePaused = reads.length;
    expect(readWhilePaused).toBeLessThan(changes / 2);
    move(taskId, 'SUCCEEDED', { reason });
    const { told, ended } = follow(stream);
    stream.resume();
    expect(await ended).toBe(status.OK);
    expect(told.at(-1)).toBe(`${changes + 2} SUCCEEDED`);
    const seqs = told.map((line) => Number.parseInt(line, 10));
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  it('waits for the end of a task, or for as long as it was asked to', async () => {
    const { client, put, move, reads } = await serve();
    const { taskId } = put();
    const short = await client.call(coordinator.waitTask, { taskId, maxWait: { nanos: 1_000_000 } });
    expect([short.ended, short.task?.state]).toEqual([false, TaskState.QUEUED]);
    const before = reads.length;
    const waiting = client.call(coordinator.waitTask, { taskId: taskId.toUpperCase() });
    await until(() => expect(reads.length).toBeGreaterThan(before));
    move(taskId, 'SUCCEEDED');
    const long = await waiting;
    expect([long.ended, long.task?.state]).toEqual([true, TaskState.SUCCEEDED]);
    const none = await failureOf(client.call(coordinator.waitTask, { taskId: randomUUID() }));
    expect(none.code).toBe(status.NOT_FOUND);
  });
});

/** A session that records what it is told, for the carrier's side of Work. */
function recordingWork() {
  const heard: string[] = [];
  const messages: WorkRequest[] = [];
  let stream: WorkStream | undefined;
  const openWork = (opened: WorkStream) => {
    stream = opened;
    return {
      receive: (message: WorkRequest) => {
        messages.push(message);
        heard.push(message.message.case ?? 'nothing');
      },
      drained: () => heard.push('drained'),
      ended: () => heard.push('ended'),
      closed: () => heard.push('closed'),
    };
  };
  return { heard, messages, openWork, opened: () => stream as WorkStream };
}

function listen(stream: Pick<ClientDuplexStream<never, WorkResponse>, 'on'>) {
  const received: WorkResponse[] = [];
  stream.on('data', (message: WorkResponse) => received.push(message));
  const failed = new Promise<unknown>((resolve) => stream.on('error', resolve));
  const ended = new Promise<number>((resolve) => stream.on('status', ({ code }) => resolve(code)));
  return { received, failed, ended };
}

const ping = (nonce: bigint): WorkResponse =>
  create(WorkResponseSchema, { message: { case: 'ping', value: { nonce } } });

describe('carrying Work', () => {
  it('passes messages both ways with who opened the stream, and both ends of it', async () => {
    const work = recordingWork();
    const { client } = await serve({ openWork: work.openWork });
    const stream = client.duplex(AgentService.method.work);
    const { received, ended } = listen(stream);
    stream.write({ message: { case: 'pong', value: { nonce: 1n } } });
    await until(() => expect(work.heard).toEqual(['pong']));
    expect(work.opened().principal).toEqual({ org: 'default', subject: 'anonymous', roles: ['admin'] });
    work.opened().send(ping(7n));
    await until(() => expect(received).toHaveLength(1));
    stream.end();
    await until(() => expect(work.heard).toEqual(['pong', 'ended']));
    work.opened().end();
    expect(await ended).toBe(status.OK);
    await until(() => expect(work.heard).toEqual(['pong', 'ended', 'closed']));
    expect(work.opened().send(ping(8n))).toBe(false);
  });

  it('says when the reader is behind, and when it has caught up', async () => {
    const work = recordingWork();
    const { client } = await serve({ openWork: work.openWork });
    const stream = client.duplex(AgentService.method.work);
    stream.pause();
    stream.write({ message: { case: 'pong', value: { nonce: 1n } } });
    await until(() => expect(work.heard).toEqual(['pong']));
    const reason = 'x'.repeat(1_000_000);
    let sent = 0;
    const more = () =>
      work.opened().send(create(WorkResponseSchema, { message: { case: 'goAway', value: { reason } } }));
    do sent++;
    while (more() && sent < 1_000);
    expect(sent).toBeLessThan(1_000);
    expect(work.heard).toEqual(['pong']);
    const { received } = listen(stream);
    stream.resume();
    await until(() => expect(work.heard).toContain('drained'));
    await until(() => expect(received).toHaveLength(sent));
    stream.cancel();
  });

  it('ends a stream with the error of its session, and one that sends garbage', async () => {
    const work = recordingWork();
    const { client } = await serve({ openWork: work.openWork });
    const stream = client.duplex(AgentService.method.work);
    const { failed } = listen(stream);
    stream.write({});
    await until(() => expect(work.heard).toEqual(['nothing']));
    work.opened().fail(new ReeveError('FAILED_PRECONDITION', 'SESSION_SUPERSEDED', 'superseded'));
    expect(detailsOf(await failed).info?.reason).toBe('SESSION_SUPERSEDED');
    await until(() => expect(work.heard).toContain('closed'));

    const raw = client.client.makeBidiStreamRequest(
      '/reeve.v1.AgentService/Work',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    const error = new Promise<unknown>((resolve) => raw.on('error', resolve));
    raw.resume();
    raw.write(Buffer.from('ffff', 'hex'));
    expect(detailsOf(await error).info?.reason).toBe('MALFORMED_MESSAGE');
  });

  it('tells the session when the agent is cut off', async () => {
    const work = recordingWork();
    const { client } = await serve({ openWork: work.openWork });
    const stream = client.duplex(AgentService.method.work);
    listen(stream);
    stream.write({});
    await until(() => expect(work.heard).toEqual(['nothing']));
    stream.cancel();
    await until(() => expect(work.heard.filter((what) => what === 'closed')).toHaveLength(1));
  });

  it('does not open a stream for who may not call it', async () => {
    const work = recordingWork();
    const viewer = () => ({ org: 'o', subject: 's', roles: ['viewer'] });
    const { client } = await serve({ openWork: work.openWork, authenticate: viewer });
    const { failed } = listen(client.duplex(AgentService.method.work));
    expect(detailsOf(await failed).status.code).toBe(status.PERMISSION_DENIED);
    expect(work.opened()).toBeUndefined();
  });
});
