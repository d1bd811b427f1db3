import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres } from '../test/support/servers/postgres-server.js';
import { startRedis } from '../test/support/servers/redis-server.js';

/** A server that a system keeps its tasks in, of this run's own, on an empty folder. */
export interface Store {
  readonly name: 'postgres' | 'redis';
  readonly version: string;
  readonly url: string;
  readonly pid: number;
  /** What it was started with beyond its defaults. */
  readonly settings: Readonly<Record<string, string>>;
  /** Bytes of write-ahead log, or commands (those within scripts too), since its start. */
  work(): Promise<number>;
  stop(): Promise<void>;
}

/** A power cut loses nothing that was acknowledged. The rest: room, so that no checkpoint falls into a round. */
const POSTGRES = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
};

/** The same for Redis where it is the record; as a mere index it keeps nothing. */
const DURABLE_REDIS = { appendonly: 'yes', appendfsync: 'always' };
const SOFT_REDIS = { appendonly: 'no' };

export async function openPostgres(): Promise<Store> {
  const args = Object.entries(POSTGRES).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await startPostgres({ args });
  const url = await server.createDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const one = async (sql: string) => Object.values((await client.query(sql)).rows[0] ?? {})[0];
  return {
    name: 'postgres',
    version: String(await one('SHOW server_version')),
    url,
    pid: server.pid(),
    settings: POSTGRES,
    work: async () => Number(await one('SELECT wal_bytes FROM pg_stat_wal')),
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}

export interface RedisStore extends Store {
  empty(): Promise<void>;
}

/** @param isRecord what it has may not be lost */
export async function openRedisStore(isRecord: boolean): Promise<RedisStore> {
  const settings = isRecord ? DURABLE_REDIS : SOFT_REDIS;
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const server = await startRedis({ args });
  const client = new Redis(server.url);
  const [, version = ''] = /redis_version:(\S+)/.exec(await client.info('server')) ?? [];
  return {
    name: 'redis',
    version,
    url: server.url,
    pid: server.pid(),
    settings,
    empty: async () => void (await client.flushall()),
    async work() {
      const calls = (await client.info('commandstats')).matchAll(/:calls=(\d+)/g);
      return [...calls].reduce((sum, [, n]) => sum + Number(n), 0);
    },
    async stop() {
      client.disconnect();
      await server.stop();
    },
  };
}
