import { beforeEach, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
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
  await index.grant('a', 10);
});

/** All that is written is in Redis. */
const settled = () => index.stats();

it('what is told of a task while an agent has it takes effect when that is over, whatever it prefers', async () => {
  const first = task('t1');
  await index.add([first]);
  const reserved = await index.reserve(1);
  const confirmations = confirmed(reserved);
  const prefer = { region: 'eu\n', location: null };
  await index.add([{ ...first, seq: nextSeq(), requirements: { ...first.requirements, prefer } }]);
  expect(await settled()).toMatchObject({ reserved: 1, queued: 0 });
  await index.confirm(confirmations);
  expect(await settled()).toMatchObject({ inFlight: 1, reserved: 0, queued: 0 });
  await index.freeSlots(claims(reserved));
  expect(await settled()).toMatchObject({ inFlight: 0, queued: 1 });
  expect(await index.reserve(1)).toMatchObject([{ taskId: 't1' }]);
});

it('a task that is delayed before its slot is free is both, and comes when it is due', async () => {
  const first = task('t1');
  await index.add([first]);
  const reserved = await index.reserve(1);
  await index.confirm(confirmed(reserved));
  await index.delay([{ org: ORG, taskId: 't1', seq: nextSeq(), tier: 'NORMAL', due: clock.now() + 50 }]);
  expect(await settled()).toMatchObject({ inFlight: 1, delayed: 1 });
  await index.freeSlots(claims(reserved));
  expect(await settled()).toMatchObject({ inFlight: 0, delayed: 1 });
  clock.advance(51);
  expect(await index.takeDue(10)).toMatchObject([{ taskId: 't1' }]);
  expect(await settled()).toMatchObject({ inFlight: 0, delayed: 0, queued: 0 });
});

it('a claim that ends before its confirmation is written holds nothing afterwards', async () => {
  await index.add([task('t1')]);
  const reserved = await index.reserve(1);
  await index.freeSlots(claims(reserved));
  await index.confirm(confirmed(reserved));
  expect(await settled()).toMatchObject({ inFlight: 0, reserved: 0, queued: 0 });
  clock.advance(6_000);
  expect(await index.reserve(1)).toEqual([]);
  expect(await settled()).toMatchObject({ reserved: 0, queued: 0 });
});

it('what a coordinator of another form keeps there is left alone', async () => {
  await redis.client.call('HSET', view.keyOf(ORG, 'tasks'), 't1', 'something else');
  await redis.client.call('SET', view.keyOf(ORG, 'generation'), 'theirs');
  await index.add([task('t1')]);
  expect(await index.reserve(1)).toMatchObject([{ taskId: 't1' }]);
  expect(await redis.client.call('HGET', view.keyOf(ORG, 'tasks'), 't1')).toBe('something else');
});
