import { beforeEach, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { keyed } from '../conformance/ready-index-limits-world.js';
import { agent, claims, confirmed, nextSeq, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();
let view: RedisClient;
let clock: FakeClock;
let index: RedisIndex;

beforeEach(async () => {
  clock = new FakeClock();
  view = freshView(redis.client);
  index = redisIndexOn(view, clock, 'me');
  await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held: [] });
});

const ALL = { kind: null, tier: null };
const HEAD_STARTS = { CRITICAL: 0, URGENT: 0, HIGH: 0, NORMAL: 0, LOW: 0 };

/** Names of the keys of the organisation that are left. */
async function keysLeft(): Promise<readonly string[]> {
  const prefix = view.keyOf(ORG, '');
  const all = (await redis.client.call('KEYS', `${prefix}*`)) as readonly string[];
  return all.map((name) => name.slice(prefix.length).replace(/^\d+:/, ''));
}

it('tasks that name keys are seen in their lane, by their scores, beside those that name none', async () => {
  await index.add([
    keyed('k1', { fairness: 'x' }, { score: 10 }),
    task('p1', { score: 20 }),
    keyed('k2', { limits: ['api'] }, { score: 20 }),
    task('p2', { score: 40 }),
    keyed('k3', { fairness: 'x', limits: ['api', 'db'] }, { score: 30 }),
  ]);
  const peeked = await index.peekQueue(ORG, ALL, 4);
  expect(peeked.map(({ taskId }) => taskId)).toEqual(['k1', 'k2', 'p1', 'k3']);
  const { lanes } = await index.queueSizes(ORG, ALL, HEAD_STARTS);
  expect(lanes).toMatchObject([{ waiting: 5 }]);
  const place = await index.place({ org: ORG, taskId: 'k3' });
  expect(place?.ahead.map(({ count, first }) => [count, first.map(({ taskId }) => taskId)])).toEqual([
    [3, ['k1', 'k2', 'p1']],
  ]);
  expect(await index.whyWaiting({ org: ORG, taskId: 'k3' })).toMatchObject({ why: 'ALL_BUSY' });
  expect((await index.nextWaiting(10)).map(({ taskId }) => taskId).sort()).toEqual([
    'k1',
    'k2',
    'k3',
    'p1',
    'p2',
  ]);
});

it('nothing is left of keys when what named them is over', async () => {
  await index.stats();
  const before = await keysLeft();
  await index.grant('a', 1_000);
  for (let round = 0; round < 3; round += 1) {
    const names = Array.from({ length: 50 }, (_, i) => `${round}-${i}`);
    await index.add(names.map((name) => keyed(`t${name}`, { fairness: `f${name}`, limits: [`l${name}`] })));
    expect((await keysLeft()).filter((name) => name.startsWith('parts:'))).toHaveLength(50);
    await index.remove([{ org: ORG, taskId: `t${round}-7`, seq: nextSeq() }]);
    const reserved = await index.reserve(100);
    expect(reserved).toHaveLength(49);
    await index.confirm(confirmed(reserved));
    await index.freeSlots(claims(reserved));
  }
  await index.stats();
  const added = (await keysLeft()).filter((name) => !before.includes(name));
  expect(
    added.filter((name) => !/^(meter:\d+|metered|totals|changes|version|choices|lanes)$/.test(name)),
  ).toEqual([]);
});

it('a retry that avoids an agent for a while keeps its keys when it goes to any', async () => {
  await index.add([keyed('t1', { fairness: 'x', limits: ['api'] }, { lastAgentId: 'a' })]);
  clock.advance(6_000);
  await index.stats();
  await index.grant('a', 1);
  expect((await index.reserve(1)).map(({ taskId }) => taskId)).toEqual(['t1']);
  const uses = await redis.client.call('SMEMBERS', view.keyOf(ORG, '3:use:k:api'));
  expect(uses).toEqual(['t1']);
});
