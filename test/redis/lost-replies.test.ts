import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import { openRedis } from '../../src/redis/open-redis.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { systemClock } from '../../src/system/clock.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { SILENT } from '../support/pglite-record.js';
import { type FaultProxy, startFaultProxyFor } from '../support/servers/fault-proxy.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';

let server: RedisServer;
let proxy: FaultProxy;
let client: RedisClient;
let index: RedisIndex;

beforeAll(async () => {
  server = await startRedis();
  proxy = await startFaultProxyFor(server.url);
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
});
beforeEach(async () => {
  client = await openRedis({ url: proxy.through(server.url), log: SILENT, commandTimeoutMs: 1_500 });
  index = redisIndexOn(freshView(client), systemClock, 'me');
  await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held: [] });
  await index.grant('a', 3);
});
afterEach(async () => {
  proxy.set('pass');
  await index.stop();
  await client.close();
});

/** Asks until it is as it should be, which the test's time limits. */
async function eventually<T>(ask: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask().catch(() => null);
    if (value !== null && isRight(value)) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('a script whose reply is lost has run once, and nobody sends it again', async () => {
  const text = "return redis.call('INCR', KEYS[1] .. 'runs')";
  const count = { name: 'count', text, sha: createHash('sha1').update(text).digest('hex') };
  expect(await client.run(count, 'x', [])).toBe(1);
  const lost = proxy.loseReplyTo(count.sha);
  await expect(client.run(count, 'x', [])).rejects.toMatchObject({ reason: 'INDEX_UNAVAILABLE' });
  await lost;
  const after = await eventually(
    () => client.call('GET', client.keyOf('x', 'runs')),
    (n) => n !== null,
  );
  expect(after).toBe('2');
});

it('what was written and not answered is written again, to the same effect', async () => {
  const lost = proxy.loseReplyTo('lost-one');
  await index.add([task('lost-one', { score: 1 }), task('t2', { score: 2 })]);
  await lost;
  const { queued } = await eventually(
    () => index.stats(),
    (stats) => stats.queued > 0,
  );
  expect(queued).toBe(2);
  const [first, second] = await index.reserve(10);
  const confirms = confirmed([first, second]);
  const again = proxy.loseReplyTo('"op":"confirm"');
  await index.confirm(confirms);
  await again;
  const stats = await eventually(
    () => index.stats(),
    (s) => s.reserved === 0,
  );
  expect(stats).toMatchObject({ inFlight: 2, queued: 0 });
  const freed = proxy.loseReplyTo('"op":"free"');
  await index.freeSlots(claims(confirms.map(({ reservation }) => reservation)));
  await freed;
  expect(
    await eventually(
      () => index.stats(),
      (s) => s.inFlight === 0,
    ),
  ).toMatchObject({ queued: 0 });
  const { tiers } = await index.queueSizes(
    ORG,
    { tier: null, kind: null },
    { CRITICAL: 0, URGENT: 0, HIGH: 0, NORMAL: 0, LOW: 0 },
  );
  expect(tiers.find((t) => t.tier === 'NORMAL')?.totals).toEqual({ entered: 2, claimed: 2, ended: 2 });
});

it('a reservation that nobody heard of lapses, and is not made twice', async () => {
  await index.add([task('t1')]);
  await index.stats();
  const lost = proxy.loseReplyTo('"op":"reserve"');
  expect(await index.reserve(10)).toEqual([]);
  await lost;
  expect(
    await eventually(
      () => index.stats(),
      (s) => s.instances === 1,
    ),
  ).toMatchObject({ reserved: 1, queued: 0 });
  const [again] = await eventually(
    () => index.reserve(10),
    (given) => given.length > 0,
  );
  expect(again).toMatchObject({ taskId: 't1' });
  expect(await index.stats()).toMatchObject({ reserved: 1 });
});

it('while it is away writes do not fail, nothing is given out, and all is written when it is back', async () => {
  proxy.set('cut');
  proxy.cutAll();
  await index.add([task('t1'), task('t2')]);
  await index.setEligibility(ORG, 'a', 1, 'ACTIVE');
  expect(await index.reserve(10)).toEqual([]);
  expect(await index.reserveNew([task('n1')])).toEqual([null]);
  await expect(index.stats()).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'INDEX_UNAVAILABLE' });
  await expect(index.hold(ORG, { tier: 'LOW', kind: null }, 'h')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  proxy.set('pass');
  expect(
    await eventually(
      () => index.stats(),
      (s) => s.queued === 2,
    ),
  ).toMatchObject({ instances: 1 });
  expect(
    await eventually(
      () => index.reserve(10),
      (given) => given.length > 0,
    ),
  ).toHaveLength(2);
});

it('a server that hangs keeps a caller waiting for a moment only, and says so at once after that', async () => {
  proxy.set('hold');
  await Promise.all([index.add([task('t1')]), index.add([task('t2')])]);
  expect(await index.reserveNew([task('n1')])).toEqual([null]);
  proxy.set('pass');
  expect(
    (
      await eventually(
        () => index.stats(),
        (s) => s.queued === 2,
      )
    ).queued,
  ).toBe(2);
});
