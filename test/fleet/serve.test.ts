import { agent, createClient } from '@reeve/sdk';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { spawnServe } from '../support/serve-process.js';
import { startRedis } from '../support/servers/redis-server.js';

/** Several processes, one after the other. */
const TIMEOUT_MS = 120_000;

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

const addressOf = (at: number) => fleet.addresses[at] ?? '';

test('a coordinator says where it serves, which one it is, and what it is one of', () => {
  const lines = fleet.coordinators.map((one) => JSON.parse(one.stdout()) as Record<string, unknown>);
  expect(lines).toEqual(
    fleet.coordinators.map(({ address, httpAddress, pid, coordinatorId }) => ({
      address,
      httpAddress,
      pid,
      coordinatorId,
      mode: 'fleet',
    })),
  );
  expect(new Set(lines.map(({ coordinatorId }) => coordinatorId)).size).toBe(2);
});

test('what one coordinator acknowledges the other knows, and an agent does it', async () => {
  const [one, other] = [0, 1].map((at) => createClient({ address: addressOf(at) }));
  if (!one || !other) throw new Error('there are two');
  const { taskId } = await one.submit({ kind: 'greet', input: 'Ada' });
  expect((await other.get(taskId)).state).toBe('QUEUED');
  const worker = agent({ address: addressOf(0), agentId: 'greeter' });
  worker.handle<string, string>('greet', async (name) => `Hello ${name}`);
  onTestFinished(async () => {
    await worker.stop({ graceMs: 0 });
    one.close();
    other.close();
  });
  await worker.start();
  expect(await one.wait(taskId)).toBe('Hello Ada');
  expect((await other.get(taskId)).state).toBe('SUCCEEDED');
});

test(
  'one that is ended and started again serves at the same place, as another one',
  async () => {
    const added = await fleet.add();
    const { address, coordinatorId, pid } = added;
    added.freeze();
    expect(await added.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await added.restart();
    expect(added.address).toBe(address);
    expect(added.pid).not.toBe(pid);
    expect(added.coordinatorId).not.toBe(coordinatorId);
    expect(await added.stop()).toEqual({ code: 0, signal: null });
  },
  TIMEOUT_MS,
);

test(
  'it waits for a store that is not there yet, says so, and serves when it is',
  async () => {
    const redis = await startRedis({ args: ['--appendonly', 'yes'] });
    await redis.crash();
    const waiting = spawnServe({ ...fleet.urls, redisUrl: redis.url });
    await waiting.says(
      new RegExp(
        `waiting for Redis at 127.0.0.1:${redis.port} since 20\\S+Z, until 20\\S+Z: connect ECONNREFUSED`,
      ),
    );
    await redis.restart();
    expect(JSON.parse(await waiting.firstLine(60_000))).toMatchObject({ mode: 'fleet' });
    expect(waiting.stderr()).toContain(`Redis at 127.0.0.1:${redis.port} is there`);
    expect(waiting.stderr()).not.toContain('on disk');
    waiting.signal('SIGTERM');
    expect(await waiting.exited).toEqual({ code: 0, signal: null });
    await redis.stop();
  },
  TIMEOUT_MS,
);

test(
  'it waits for a Redis that is a replica, as one is in a failover, and serves when that is the primary',
  async () => {
    const redis = await startRedis({ args: ['--replicaof', '127.0.0.1', `${fleet.redis.port}`] });
    const admin = new Redis(redis.url);
    const waiting = spawnServe({ ...fleet.urls, redisUrl: redis.url });
    onTestFinished(async () => {
      admin.disconnect();
      waiting.signal('SIGKILL');
      await waiting.exited;
      await redis.stop();
    });
    await waiting.says(/waiting for Redis at \S+ since \S+, until \S+: this Redis is a replica of 127/);
    await admin.replicaof('NO', 'ONE');
    expect(JSON.parse(await waiting.firstLine(60_000))).toMatchObject({ mode: 'fleet' });
  },
  TIMEOUT_MS,
);

test('a Redis that keeps nothing on disk is allowed, and said', () => {
  expect(fleet.coordinators[0]?.stderr()).toContain(
    `Redis at 127.0.0.1:${fleet.redis.port} keeps nothing on disk: after its restart the index is built again`,
  );
});
