import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startRedis, startRedisCluster } from '../support/servers/redis-server.js';

it('starts a Redis that forgets all at a crash', async () => {
  const server = await startRedis();
  const client = new Redis(server.url, { retryStrategy: () => 20 });
  client.on('error', () => {});
  await client.set('a', '1');
  await server.crash();
  await server.restart();
  expect(await client.get('a')).toBeNull();
  client.disconnect();
  await server.stop();
});

it('starts a cluster of three that serves every slot', async () => {
  const cluster = await startRedisCluster();
  const client = new Cluster([cluster.url]);
  const keys = Array.from({ length: 50 }, (_, i) => `reeve:{org-${i}}:x`);
  await Promise.all(keys.map((key, i) => client.set(key, i)));
  expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((_, i) => `${i}`));
  client.disconnect();
  await cluster.stop();
});
