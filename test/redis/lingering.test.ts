import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import type { JournalEntry } from '../../src/redis/step.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const LINGER_MS = 25;

const redis = useRedis();
let clock: FakeClock;
let steps: number;
let view: RedisClient;
let index: RedisIndex;
let other: RedisIndex;

beforeEach(async () => {
  clock = new FakeClock();
  view = freshView(redis.client);
  steps = 0;
  const counted: RedisClient = {
    ...view,
    run(script, org, args) {
      steps += 1;
      return view.run(script, org, args);
    },
  };
  index = redisIndexOn(counted, clock, 'a', { lingerMs: LINGER_MS });
  other = redisIndexOn(view, clock, 'b');
  await index.putInstance({ org: ORG, sessionId: 's', spec: agent('s'), slots: 10, held: [] });
  await index.grant('s', 2);
  await index.stats();
  steps = 0;
});
afterEach(async () => {
  await Promise.all([index.stop(), other.stop()]);
});

it('a task that is born reserved, confirmed, ended and freed costs one step', async () => {
  for (const id of ['t1', 't2', 't3', 't4', 't5']) {
    const reserved = await index.reserveNew([task(id)]);
    expect(reserved).toMatchObject([{ taskId: id, sessionId: 's' }]);
    await index.confirm(confirmed(reserved));
    await index.recordAttempts([{ org: ORG, taskId: id, outcome: 'SUCCEEDED' }]);
    await index.freeSlots(claims([{ org: ORG, taskId: id }]));
    await index.grant('s', Number(id.slice(1)) + 2);
  }
  expect(steps).toBe(5);
  expect(await index.stats()).toMatchObject({ inFlight: 0, reserved: 0, queued: 0 });
});

it('what nobody waits for takes a step of its own after a while, so that others see it', async () => {
  await index.confirm(confirmed(await index.reserveNew([task('t1')])));
  expect(await other.stats()).toMatchObject({ reserved: 1, inFlight: 0 });
  clock.advance(LINGER_MS);
  await expect.poll(() => other.stats()).toMatchObject({ reserved: 0, inFlight: 1 });
  expect(steps).toBe(2);
});

it('a grant counts at once where tasks wait', async () => {
  await index.add(['t1', 't2', 't3'].map((id) => task(id)));
  expect(await index.reserve(10)).toHaveLength(2);
  const ready = new Promise<void>((resolve) => index.onReady(resolve));
  await index.grant('s', 3);
  await ready;
  expect(await index.reserve(10)).toHaveLength(1);
});

it('a grant that is on its way is not forgotten for an answer that knows nothing of it', async () => {
  await index.reserveNew([task('t1'), task('t2')]);
  const answered = other.stats().then(() => index.stats());
  await index.grant('s', 3);
  await answered;
  expect(await index.reserveNew([task('t3')])).toMatchObject([{ sessionId: 's' }]);
});

it('an attempt took as long as it took, not as long as its end waited', async () => {
  const [reserved] = await index.reserveNew([task('t1')]);
  await index.confirm(confirmed([reserved]));
  clock.advance(10);
  await index.recordAttempts([{ org: ORG, taskId: 't1', outcome: 'SUCCEEDED' }]);
  clock.advance(LINGER_MS);
  await index.stats();
  const journal = (await view.call('LRANGE', view.keyOf(ORG, '3:journal'), '0', '-1')) as readonly string[];
  const { of } = JSON.parse(String(journal.at(-1))) as JournalEntry;
  const [, , , began, ended] = of?.[0] ?? [];
  expect(Number(ended) - Number(began)).toBe(10);
});

it('much is written at once, whether somebody waits or not', async () => {
  const hints = Array.from({ length: 1_000 }, (_, i) => ({ org: ORG, taskId: `h${i}`, epoch: 1, due: 1e12 }));
  await index.hintLeases(hints);
  await expect.poll(() => view.call('ZCARD', view.keyOf(ORG, '3:hints'))).toBe(1_000);
});
