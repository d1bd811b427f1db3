import { type ClientHttp2Session, constants } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import { AgentService, CoordinatorService } from '@reeve/sdk/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Allowance } from '../../src/grpc/allowance.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { serve } from '../support/grpc-world.js';
import { callAndReset, PREFACE } from '../support/raw-frames.js';
import { openHttp2 } from '../support/raw-http2.js';
import { openTcpProxy } from '../support/tcp-proxy.js';

const { getServerInfo } = AgentService.method;
const { listTasks, waitTask, watchTasks } = CoordinatorService.method;
const LIST_TASKS = '/reeve.v1.CoordinatorService/ListTasks';
const OK = '0';
const RESOURCE_EXHAUSTED = '8';

/** A bare connection, and its end. */
function openSocket(port: number) {
  const socket: Socket = connectSocket(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed };
}

/** Makes `ListTasks` wait until it is let go; counts how often it has begun. */
function holdListTasks(record: Awaited<ReturnType<typeof serve>>['record']) {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen = { begun: 0, release: () => release() };
  record.listTasks = async () => {
    seen.begun += 1;
    await held;
    return { tasks: [], beforeId: null };
  };
  return seen;
}

/** How often the server has asked for a sign of life on a connection that is closing: it does so by settings. */
function countAsked(session: ClientHttp2Session): () => number {
  let asked = 0;
  session.on('remoteSettings', () => {
    asked += 1;
  });
  return () => asked;
}

const until = (check: () => unknown) => vi.waitFor(check, 20_000);

describe('the calls of one connection', () => {
  it('are told how many may be open at once', async () => {
    const { server } = await serve({ limits: { maxConcurrentStreams: 7 } });
    const { session } = openHttp2(server.address);
    await new Promise((resolve) => session.once('remoteSettings', resolve));
    expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  });

  it('count for as long as they are worked on, though the client has reset them', async () => {
    const { server, record, client } = await serve({ limits: { maxConcurrentStreams: 5 } });
    const held = holdListTasks(record);
    const { begin, statusOf } = openHttp2(server.address);
    for (let i = 0; i < 5; i++) {
      const stream = begin(listTasks, {});
      await until(() => expect(held.begun).toBe(i + 1));
      stream.close(constants.NGHTTP2_CANCEL);
      await new Promise((resolve) => stream.once('close', resolve));
    }
    expect(await statusOf(begin(listTasks, {}))).toBe(RESOURCE_EXHAUSTED);
    expect(await statusOf(begin(getServerInfo, {}))).toBe(RESOURCE_EXHAUSTED);
    expect(held.begun).toBe(5);
    // Other connections do not notice.
    expect((await client.call(getServerInfo, {})).protocolVersion).toBe(1);
    held.release();
    await until(async () => expect(await statusOf(begin(getServerInfo, {}))).toBe(OK));
  });

  it('are refused with what to do about it', async () => {
    const { record, client } = await serve({ limits: { maxConcurrentStreams: 1 } });
    const held = holdListTasks(record);
    const cancelled = client.client.makeUnaryRequest(
      LIST_TASKS,
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
      Buffer.alloc(0),
      () => {},
    );
    await until(() => expect(held.begun).toBe(1));
    cancelled.cancel();
    const { info, retry } = detailsOf(await failureOf(client.call(getServerInfo, {})));
    expect(info).toMatchObject({ reason: 'TOO_MANY_CALLS', metadata: { max_calls: '1' } });
    expect(retry?.retryDelay?.seconds).toBe(1n);
    held.release();
  });

  it('that only wait are given up when they are cancelled', async () => {
    const { server, put, reads } = await serve({ limits: { maxConcurrentStreams: 1 } });
    const { taskId } = put();
    const { begin, statusOf } = openHttp2(server.address);
    for (const [method, request] of [
      [waitTask, { taskId }],
      [watchTasks, { taskIds: [taskId] }],
    ] as const) {
      reads.splice(0);
      const stream = begin(method as typeof waitTask, request as { taskId: string });
      await until(() => expect(reads.length).toBeGreaterThan(0));
      stream.close(constants.NGHTTP2_CANCEL);
      await until(async () => expect(await statusOf(begin(getServerInfo, {}))).toBe(OK));
    }
  });

  it('that are opened and reset without end cost no more than so many, and the connection', async () => {
    const { server, record, client } = await serve({ limits: { maxConcurrentStreams: 50 } });
    const held = holdListTasks(record);
    const { socket, closed } = openSocket(server.port);
    socket.write(PREFACE);
    for (let i = 0; i < 20_000 && !socket.destroyed; i += 20) {
      const calls = Array.from({ length: 20 }, (_, n) => callAndReset(2 * (i + n) + 1, LIST_TASKS));
      await new Promise((resolve) => socket.write(Buffer.concat(calls), resolve));
    }
    await closed;
    expect(held.begun).toBeGreaterThan(0);
    expect(held.begun).toBeLessThanOrEqual(50);
    expect((await client.call(getServerInfo, {})).protocolVersion).toBe(1);
    held.release();
  });
});

describe('connections', () => {
  it('that show no sign of life are cut, those that answer are not', async () => {
    const { server } = await serve({ limits: { keepaliveMs: 100, keepaliveTimeoutMs: 2_000 } });
    const alive = openHttp2(server.address);
    const silent = openSocket(server.port);
    const mute = openSocket(server.port);
    // Begins as HTTP/2 does, with empty settings, and answers no ping.
    mute.socket.write(PREFACE);
    await Promise.all([silent.closed, mute.closed]);
    expect(await alive.statusOf(alive.begin(getServerInfo, {}))).toBe(OK);
  });

  it('that are old take no more calls, and keep those they have, however often they are asked for a sign of life', async () => {
    const { server, put, move, reads } = await serve({
      limits: { maxConnectionAgeMs: 1_500, keepaliveMs: 100 },
    });
    const { taskId } = put();
    const { begin, statusOf, goneAway, session } = openHttp2(server.address);
    const ended = statusOf(begin(watchTasks, { taskIds: [taskId] }));
    await until(() => expect(reads.length).toBeGreaterThan(0));
    expect(await goneAway).toBe(constants.NGHTTP2_NO_ERROR);
    expect(session.closed).toBe(true);
    const asked = countAsked(session);
    await until(() => expect(asked()).toBeGreaterThanOrEqual(5));
    move(taskId, 'SUCCEEDED');
    expect(await ended).toBe(OK);
    const next = openHttp2(server.address);
    expect(await next.statusOf(next.begin(getServerInfo, {}))).toBe(OK);
  });

  it('that are told to go by a server that stops keep the calls they have', async () => {
    const { server, record } = await serve({ limits: { keepaliveMs: 100 } });
    const held = holdListTasks(record);
    const { begin, statusOf, session } = openHttp2(server.address);
    const ended = statusOf(begin(listTasks, {}));
    await until(() => expect(held.begun).toBe(1));
    const stopped = server.stop(60_000);
    await until(() => expect(session.closed).toBe(true));
    const asked = countAsked(session);
    await until(() => expect(asked()).toBeGreaterThanOrEqual(5));
    held.release();
    expect(await ended).toBe(OK);
    await stopped;
  });

  it('that are old are cut as others are when nobody answers any more', async () => {
    const { server, put, reads } = await serve({
      limits: { maxConnectionAgeMs: 1_500, keepaliveMs: 100, keepaliveTimeoutMs: 2_000 },
    });
    const { taskId } = put();
    const proxy = await openTcpProxy([server.address]);
    onTestFinished(() => proxy.close());
    const { begin, goneAway, session } = openHttp2(proxy.address);
    begin(watchTasks, { taskIds: [taskId] });
    await until(() => expect(reads.length).toBeGreaterThan(0));
    await goneAway;
    const asked = countAsked(session);
    await until(() => expect(asked()).toBeGreaterThan(0));
    proxy.set({ toServer: { kind: 'lose' }, toClient: { kind: 'lose' } });
    await until(() => expect(proxy.size()).toBe(0));
  });

  it('that flood with pings are cut, those that ping now and then are not', async () => {
    const { server } = await serve({ limits: { pings: { burst: 100, perSecond: 0.001 } } });
    const ping = (session: ReturnType<typeof openHttp2>['session']) =>
      new Promise<boolean>((resolve) => {
        if (session.destroyed || !session.ping((error) => resolve(error === null))) resolve(false);
      });
    const modest = openHttp2(server.address);
    const flood = openHttp2(server.address);
    await Promise.all([modest, flood].map(({ session }) => new Promise((r) => session.once('connect', r))));
    for (let i = 0; i < 50; i++) expect(await ping(modest.session)).toBe(true);
    let answered = 0;
    for (let i = 0; i < 1_000 && !flood.session.destroyed; i++) if (await ping(flood.session)) answered += 1;
    // The last one may be answered before the connection is gone.
    expect(answered).toBeLessThanOrEqual(110);
    expect(await flood.goneAway).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await flood.closed;
    expect(await modest.statusOf(modest.begin(getServerInfo, {}))).toBe(OK);
  });

  it('beyond a number are closed, until others have gone', async () => {
    const { server } = await serve({ limits: { maxConnections: 2 } });
    const first = openHttp2(server.address);
    const second = openHttp2(server.address);
    for (const { begin, statusOf } of [first, second]) {
      expect(await statusOf(begin(getServerInfo, {}))).toBe(OK);
    }
    await openSocket(server.port).closed;
    first.session.destroy();
    await until(async () => {
      const third = openHttp2(server.address);
      expect(await third.statusOf(third.begin(getServerInfo, {}))).toBe(OK);
    });
  });
});

it('an allowance grows again with time, up to its burst', () => {
  let now = 0;
  const allowance = new Allowance({ burst: 2, perSecond: 10 }, () => now);
  const takes = (count: number) => Array.from({ length: count }, () => allowance.take());
  expect(takes(3)).toEqual([true, true, false]);
  now = 100;
  expect(takes(2)).toEqual([true, false]);
  now = 100_000;
  expect(takes(3)).toEqual([true, true, false]);
});
