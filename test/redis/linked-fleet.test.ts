import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import { openRedis } from '../../src/redis/open-redis.js';
import { createRedisRelay } from '../../src/redis/relay.js';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { createCoordinators } from '../api/support/coordinators.js';
import { claimOf } from '../api/support/work-probe.js';
import { SILENT } from '../support/pglite-record.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';

let server: RedisServer;
const opened: RedisClient[] = [];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  await Promise.all(opened.map((redis) => redis.close()));
  await server.stop();
});

/** Two coordinators that tell each other over a real Redis. */
async function setup() {
  const all = createCoordinators();
  const prefix = randomUUID();
  const open = async (name: string) => {
    const redis = await openRedis({ url: server.url, prefix, log: SILENT });
    opened.push(redis);
    const relay = createRedisRelay({ redis, coordinatorId: name, log: SILENT });
    await relay.start();
    const coordinator = all.open(name, relay);
    await coordinator.fleet.load();
    coordinator.link.start();
    return coordinator;
  };
  const [a, b] = [await open('a'), await open('b')];
  return {
    ...{ ...all, a, b, prefix },
    /** Lets time go by until something is so. */
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) {
        all.clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

it('agents are seen, cancelled and superseded across coordinators', async () => {
  const { a, b, until, world, org, clock } = await setup();
  const lease = await world.running();
  const { agentId, taskId } = lease;
  const instanceKey = randomUUID();
  const stream = b.stream();
  await stream.hello(agentId, { instanceKey, held: [lease], slots: 7 });
  await until(() => a.agent(agentId)?.slots === 7);
  expect(a.agent(agentId)).toMatchObject({ status: 'ACTIVE', inFlight: 1 });
  await cancelTasks(a.ports)({ org, subject: 'bob', roles: [] }, [{ taskId, reason: '', graceMs: null }]);
  const cancels: unknown[] = [];
  await until(() => cancels.push(...stream.took('cancels')) > 0);
  expect(cancels).toMatchObject([{ cancels: [{ claim: claimOf(lease) }] }]);
  clock.advance(10);
  await a.stream().hello(agentId, { instanceKey, held: [lease], slots: 7 });
  await until(() => stream.over !== null);
  expect(stream.over).toBe('ENDED');
  await until(() => b.agent(agentId)?.instances.length === 1 && b.link.own.size === 0);
  expect(b.agent(agentId)).toMatchObject({ slots: 7, inFlight: 1 });
});

it('while Redis is away all shows as it was known, and is right again when it is back', async () => {
  const { a, b, until, clock, org } = await setup();
  const stream = b.stream();
  await stream.hello('x', { slots: 4 });
  await until(() => a.agent('x')?.slots === 4);
  await server.crash();
  await a.stream().hello('y', { slots: 2 });
  stream.send({ case: 'drain', value: {} });
  await b.fleet.setIntent(org, 'x', 'INACTIVE', 'bob');
  for (let i = 0; i < 20; i++) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(a.agent('x')).toMatchObject({ status: 'ACTIVE', slots: 4, credit: 0 });
  await server.restart();
  await until(() => a.agent('x')?.instances[0]?.draining === true);
  await until(() => a.agent('x')?.status === 'INACTIVE' && b.agent('y')?.slots === 2);
  expect(b.agent('y')?.instances).toEqual(a.agent('y')?.instances);
});
