import { rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedis } from '../../src/redis/open-redis.js';
import { systemClock } from '../../src/system/clock.js';
import { SILENT } from '../support/pglite-record.js';
import { type RedisServer, startRedis, startRedisCluster } from '../support/servers/redis-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { examined } from './support/examined.js';
import { olderServer } from './support/older-server.js';

let plain: RedisServer;
beforeAll(async () => {
  plain = await startRedis();
});
afterAll(() => plain.stop());

const look = async (redisUrl: string, clock = systemClock) =>
  (await examined({ 'redis-url': redisUrl }, clock))
    .filter((line) => /^(redis|clocks) /.test(line))
    .join('\n');

async function started(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  onTestFinished(() => server.stop());
  return server;
}

function admin({ port }: RedisServer): Redis {
  const client = new Redis({ port, host: '127.0.0.1' });
  onTestFinished(() => client.disconnect());
  return client;
}

test('one with a log, enough memory and no eviction has nothing to mend', async () => {
  const { url } = await started('--appendonly', 'yes', '--maxmemory', '100mb');
  const found = await look(url);
  expect(found.split('\n').filter((line) => !/ ok: | latency /.test(line))).toEqual([]);
  expect(found).toMatch(/persistence ok: .* keeps a log, appendfsync everysec/);
  expect(found).toMatch(/memory ok: .* of 100\.0|memory ok: .* of 104\.9/);
});

test('one that keeps nothing and has no bound may be, and is told', async () => {
  const found = await look(plain.url);
  expect(found).toMatch(/persistence note: \S+ keeps nothing on disk \| CONFIG SET appendonly yes/);
  expect(found).toMatch(/memory note: \S+ uses .* no maxmemory \| CONFIG SET maxmemory \d+/);
});

test('nobody there', async () => {
  expect(await look('redis://127.0.0.1:1')).toMatch(/^redis server error: .*ECONNREFUSED.* \| Start it/);
});

test('a server that is too old', async () => {
  const url = await olderServer(plain.url, /redis_version:\d\.\d/, 'redis_version:6.0');
  expect(await look(url)).toMatch(/server error: Redis 6\.0\S* at \S+ is too old \| Upgrade/);
});

test('a replica', async () => {
  const replica = await started('--replicaof', '127.0.0.1', String(plain.port));
  expect(await look(replica.url)).toMatch(
    new RegExp(`server error: it is a replica of 127.0.0.1:${plain.port} \\| Name the primary`),
  );
});

test('keys that are thrown away', async () => {
  const bounded = await started('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
  expect(await look(bounded.url)).toMatch(
    /memory error: maxmemory-policy at \S+ is allkeys-lru \| CONFIG SET maxmemory-policy noeviction/,
  );
  const unbounded = await started('--maxmemory-policy', 'volatile-ttl');
  expect(await look(unbounded.url)).toMatch(/memory warning: maxmemory-policy at \S+ is volatile-ttl/);
});

test('memory that is full', async () => {
  const found = await look((await started('--maxmemory', '100kb')).url);
  expect(found).toMatch(/memory warning: \S+ uses .* of 0\.1 MB/);
  expect(found).toMatch(/writes error: \S+ takes no writes: .*OOM.* \| CONFIG SET maxmemory/);
});

test('a disk that cannot be saved to', async () => {
  const folder = temporaryFolder('gone');
  const server = await started('--dir', folder, '--save', '3600 1');
  const client = admin(server);
  rmSync(folder, { recursive: true });
  await client.set('a', 1);
  await client.bgsave();
  while (!(await client.info('persistence')).includes('rdb_last_bgsave_status:err')) await client.time();
  const found = await look(server.url);
  expect(found).toMatch(/persistence error: the last try to save at \S+ failed \(rdb_last_bgsave_status\)/);
  expect(found).toMatch(/writes error: \S+ takes no writes: .*MISCONF/);
});

test('a user that may not write', async () => {
  const server = await started();
  await admin(server).call(
    'ACL',
    'SETUSER',
    'guest',
    'on',
    '>pw',
    '~*',
    '+info',
    '+ping',
    '+time',
    '+client',
  );
  const found = await look(server.url.replace('redis://', 'redis://guest:pw@'));
  expect(found).toMatch(/writes error: \S+ takes no writes: .*NOPERM.* \| ACL SETUSER/);
  expect(found).toMatch(/persistence note: \S+ does not say whether it saves/);
});

test('a clock that is not in step', async () => {
  const slow = { ...systemClock, now: () => systemClock.now() - 10_000 };
  expect(await look(plain.url, slow)).toMatch(
    /clocks skew warning: Redis is (9|10)\.\d s ahead of this machine \| Keep the clocks in step/,
  );
  expect(await look(plain.url)).toMatch(/clocks skew ok: /);
});

test('who listens as a coordinator does', async () => {
  const coordinator = await openRedis({ url: plain.url, log: SILENT });
  onTestFinished(() => coordinator.close());
  expect(await look(plain.url)).toMatch(/coordinators ok: 0 listen now/);
  await coordinator.subscribe('wake', () => undefined);
  expect(await look(plain.url)).toMatch(/coordinators ok: 1 listen now, on 127\.0\.0\.1/);
});

test('a cluster, and one of which a third is away', async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.stop());
  const whole = await look(cluster.url);
  expect(whole).toMatch(/cluster note: 3 primaries serve all slots; without a replica: (\S+, ){2}\S+ \|/);
  expect(whole).toMatch(/writes ok/);
  expect(whole.match(/ latency /g)).toHaveLength(3);
  const [first, , third] = cluster.nodes as [RedisServer, RedisServer, RedisServer];
  await third.crash();
  const client = admin(first);
  while (!(await client.cluster('INFO')).includes('cluster_state:fail')) await client.ping();
  expect(await look(cluster.url)).toMatch(
    /cluster error: the cluster is fail: \d+ of 16384 slots are served \| redis-cli --cluster check/,
  );
});
