import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/redis/open-redis.js';
import type { Script } from '../../src/redis/script.js';
import { SILENT } from '../support/pglite-record.js';
import { type RedisServer, startRedis, startRedisCluster } from '../support/servers/redis-server.js';

const COUNT = script("return redis.call('INCR', KEYS[1] .. 'count')");

function script(text: string): Script {
  return { name: 'test', text, sha: createHash('sha1').update(text).digest('hex') };
}

describe('one server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it('runs scripts on keys of an organisation, known to the server or not', async () => {
    const redis = await openRedis({ url: server.url, log: SILENT });
    expect(await redis.run(COUNT, 'acme', [])).toBe(1);
    expect(await redis.run(COUNT, 'acme', [])).toBe(2);
    await redis.call('SCRIPT', 'FLUSH');
    expect(await redis.run(COUNT, 'acme', [])).toBe(3);
    expect(await redis.call('GET', redis.keyOf('acme', 'count'))).toBe('3');
    await redis.close();
  });

  it('tells those who listen', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => openRedis({ url: server.url, log: SILENT })));
    const heard = new Promise<string>(
      (resolve) => void b?.subscribe('news', resolve).then(() => a?.publish('news', 'x')),
    );
    expect(await heard).toBe('x');
    await Promise.all([a?.close(), b?.close()]);
  });

  it('refuses at once while the server does not answer, and goes on when it does', async () => {
    const redis = await openRedis({ url: server.url, log: SILENT, commandTimeoutMs: 500 });
    server.freeze();
    const calls = Array.from({ length: 6 }, () => redis.run(COUNT, 'b', []));
    for (const call of calls) await expect(call).rejects.toMatchObject({ reason: 'INDEX_UNAVAILABLE' });
    await expect(redis.run(COUNT, 'b', [])).rejects.toMatchObject({
      message: expect.stringContaining('lately'),
    });
    server.thaw();
    const answers = async (): Promise<number> => {
      const answer = await redis.run(COUNT, 'b', []).catch(() => null);
      return typeof answer === 'number' ? answer : answers();
    };
    expect(await answers()).toBeGreaterThan(0);
    await redis.close();
  });

  it('says that nobody is there, or that the password is wrong', async () => {
    await expect(openRedis({ url: 'redis://127.0.0.1:1', log: SILENT })).rejects.toMatchObject({
      reason: 'INDEX_UNAVAILABLE',
    });
    const locked = await startRedis({ args: ['--requirepass', 'secret'] });
    await expect(openRedis({ url: locked.url, log: SILENT })).rejects.toMatchObject({
      reason: 'INDEX_REFUSED',
    });
    await locked.stop();
  });
});

it('runs scripts on a cluster, each where its organisation is', async () => {
  const cluster = await startRedisCluster();
  const redis = await openRedis({ url: cluster.url, log: SILENT });
  const orgs = Array.from({ length: 20 }, (_, i) => `org-${i}`);
  expect(await Promise.all(orgs.map((org) => redis.run(COUNT, org, [])))).toEqual(orgs.map(() => 1));
  await redis.close();
  await cluster.stop();
});
