import { afterEach, beforeEach, expect, it } from 'vitest';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { ReadyTask, Reservation } from '../../src/ports/ready-index.js';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();
let clock: FakeClock;
let view: RedisClient;
/** Two coordinators; the agent `mine` is at the first, `theirs` at the second. */
let a: RedisIndex;
let b: RedisIndex;

beforeEach(async () => {
  clock = new FakeClock();
  view = freshView(redis.client);
  [a, b] = [redisIndexOn(view, clock, 'a'), redisIndexOn(view, clock, 'b')];
  await connect(b, 'theirs');
});
afterEach(async () => {
  await Promise.all([a.stop(), b.stop()]);
});

async function connect(index: RedisIndex, agentId: string) {
  await index.putInstance({ org: ORG, sessionId: agentId, spec: agent(agentId), slots: 10, held: [] });
  await index.grant(agentId, 10);
}

function withKey(taskId: string, affinity: string): ReadyTask {
  const keys = { limits: ['api'], fairness: null, affinity };
  return task(taskId, { requirements: { ...NO_REQUIREMENTS, capabilities: ['work'], keys } });
}

/** What there is for sessions of an index, whoever has popped it; the claims are committed. */
async function taken(index: RedisIndex): Promise<readonly Reservation[]> {
  await index.stats();
  const reserved = await index.reserve(10);
  await index.confirm(confirmed(reserved));
  return reserved;
}

/** `theirs` has done a task of the key, planned by the coordinator that does not hold it. */
async function warmTheirs(key: string): Promise<void> {
  await a.add([withKey(`first-${key}`, key)]);
  await a.reserve(10);
  const reserved = await taken(b);
  expect(reserved).toMatchObject([{ agentId: 'theirs' }]);
  await b.recordAttempts(reserved.map(({ taskId }) => ({ org: ORG, taskId, outcome: 'SUCCEEDED' })));
  await b.freeSlots(claims(reserved));
  await b.stats();
}

it('whoever plans knows which agents are warm, those of others too', async () => {
  await warmTheirs('k');
  await connect(a, 'mine');
  // Busier than the other, which the strategy would name.
  await b.add([task('busy')]);
  await b.reserve(10);
  await a.add([withKey('second', 'k')]);
  expect((await a.reserve(10)).map(({ taskId }) => taskId)).not.toContain('second');
  expect(await taken(b)).toMatchObject([
    { taskId: 'second', agentId: 'theirs', selection: { strategy: 'AFFINITY' } },
  ]);
});

it('a new task is left to the coordinator of its warm agent', async () => {
  await warmTheirs('k');
  await connect(a, 'mine');
  expect(await a.reserveNew([withKey('second', 'k'), withKey('other', 'unknown')])).toMatchObject([
    null,
    { agentId: 'mine' },
  ]);
});

it('a coordinator that comes later learns it from what the others have told', async () => {
  await warmTheirs('k');
  await connect(a, 'mine');
  await b.add([task('busy')]);
  await b.reserve(10);
  const later = redisIndexOn(view, clock, 'later');
  try {
    await later.add([withKey('second', 'k')]);
    await later.reserve(10);
    expect(await taken(b)).toMatchObject([{ taskId: 'second', agentId: 'theirs' }]);
  } finally {
    await later.stop();
  }
});
