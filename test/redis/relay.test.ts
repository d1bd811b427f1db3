import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/ports/log.js';
import type { RedisClient } from '../../src/redis/client.js';
import { openRedis } from '../../src/redis/open-redis.js';
import { createRedisRelay, type RedisRelay } from '../../src/redis/relay.js';
import { SILENT } from '../support/pglite-record.js';
import { type RedisServer, startRedis, startRedisCluster } from '../support/servers/redis-server.js';

/** What a test waits for, however often it is told in between. */
function heard(relay: RedisRelay) {
  const all: string[] = [];
  let wake = () => {};
  relay.on('go-away', ({ agentId }, from) => {
    all.push(`${from} ${agentId}`);
    wake();
  });
  return {
    all,
    async until(count: number): Promise<readonly string[]> {
      while (all.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return all;
    },
  };
}

function goAway(relay: RedisRelay, agentId: string, to?: string): void {
  relay.send('go-away', { org: 'acme', agentId, reason: 'DEREGISTERED' }, to);
}

/** Says the same until it is heard: whatever is said while the other does not listen yet is lost. */
async function sayUntil(say: () => void, isHeard: Promise<unknown>): Promise<void> {
  let isOver = false;
  void isHeard.then(() => {
    isOver = true;
  });
  while (!isOver) {
    say();
    await Promise.race([isHeard, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
}

describe('the relay over Redis', () => {
  let server: RedisServer;
  const opened: RedisClient[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(opened.map((redis) => redis.close()));
    await server.stop();
  });

  async function open(coordinatorId: string, url = server.url, log: Log = SILENT) {
    const redis = await openRedis({ url, log: SILENT });
    opened.push(redis);
    const publishes: string[] = [];
    const relay = createRedisRelay({
      redis: {
        subscribe: redis.subscribe,
        publish(channel, message) {
          publishes.push(channel);
          return redis.publish(channel, message);
        },
      },
      coordinatorId,
      log,
    });
    await relay.start();
    return { relay, redis, publishes, ...heard(relay) };
  }

  it('tells all others, or one, in order, and oneself only if asked to', async () => {
    const [a, b, c] = [await open('a'), await open('b'), await open('c')];
    for (const id of ['1', '2', '3']) goAway(a.relay, id);
    goAway(a.relay, 'only-b', 'b');
    goAway(a.relay, 'only-a', 'a');
    goAway(b.relay, '4');
    expect([...(await b.until(4))].sort()).toEqual(['a 1', 'a 2', 'a 3', 'a only-b']);
    expect(b.all.filter((line) => line !== 'a only-b')).toEqual(['a 1', 'a 2', 'a 3']);
    expect(await c.until(4)).toEqual(expect.arrayContaining(['a 1', 'a 2', 'a 3', 'b 4']));
    expect(await a.until(2)).toEqual(expect.arrayContaining(['a only-a', 'b 4']));
    // One message a channel carries what was sent in one turn.
    expect([...a.publishes].sort()).toEqual(['relay', 'relay:a', 'relay:b']);
  });

  it('carries thousands at once, in few messages, and leaves out what is too long', async () => {
    const warnings: string[] = [];
    const [a, b] = [
      await open('many', server.url, { ...SILENT, warn: (_, message) => void warnings.push(message) }),
      await open('listener'),
    ];
    for (let i = 0; i < 5_000; i++) goAway(a.relay, `agent-${i}`);
    goAway(a.relay, 'x'.repeat(600_000));
    goAway(a.relay, 'last');
    const all = await b.until(5_001);
    expect(all).toEqual([...Array.from({ length: 5_000 }, (_, i) => `many agent-${i}`), 'many last']);
    expect(a.publishes.length).toBeLessThan(10);
    expect(warnings).toEqual(['a message to other coordinators is too long']);
  });

  it('ignores what it does not know and goes on after what it cannot read', async () => {
    const [a, b] = [await open('old'), await open('new')];
    for (const text of [
      'no JSON',
      '[]',
      'null',
      '{"v":2,"from":"old","items":[["go-away",{"agentId":"of another version"}]]}',
      '{"v":1,"from":"old","items":[["news",{}],["go-away",null],["go-away",{"agentId":"known"}]]}',
    ]) {
      await a.redis.publish('relay', text);
    }
    expect(await b.until(1)).toEqual(['old known']);
  });

  it('breaks nothing while Redis is away, and goes on when it is back', async () => {
    const [a, b] = [await open('survivor'), await open('other')];
    await server.crash();
    goAway(a.relay, 'lost');
    await server.restart();
    const isHeard = b.until(1);
    await sayUntil(() => goAway(a.relay, 'after'), isHeard);
    expect(new Set(b.all)).toEqual(new Set(['survivor after']));
  });

  it('neither sends nor hears after its stop', async () => {
    const [a, b, c] = [await open('stopped'), await open('d'), await open('e')];
    goAway(a.relay, 'before');
    await a.relay.stop();
    expect(await b.until(1)).toEqual(['stopped before']);
    goAway(a.relay, 'after');
    goAway(c.relay, 'of another');
    await b.until(2);
    expect(b.all).toEqual(['stopped before', 'e of another']);
    expect(a.all).toEqual([]);
  });

  it('reaches everybody in a cluster', async () => {
    const cluster = await startRedisCluster();
    const [a, b] = [await open('in-cluster', cluster.url), await open('beside', cluster.url)];
    goAway(a.relay, 'all');
    goAway(a.relay, 'one', 'beside');
    expect([...(await b.until(2))].sort()).toEqual(['in-cluster all', 'in-cluster one']);
    await Promise.all([a.redis.close(), b.redis.close()]);
    await cluster.stop();
  });
});
