import { writeFileSync } from 'node:fs';
import path from 'node:path';
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
  /** Writes what it has been busy with since its start into a file of the folder: statements, or commands. */
  profile(folder: string): Promise<void>;
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

/** The costliest first; ms. */
const STATEMENTS = `
  SELECT round(total_exec_time)::int AS "totalMs", calls::int, rows::int,
         round((total_exec_time / calls)::numeric, 3)::float AS "msACall", wal_bytes::float AS "walBytes",
         wal_fpi::int AS "walPageImages", query
    FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 40`;

/** The same for Redis where it is the record; as a mere index it keeps nothing. */
const DURABLE_REDIS = { appendonly: 'yes', appendfsync: 'always' };
const SOFT_REDIS = { appendonly: 'no' };

/** @param isProfiled it counts its statements, which costs a little */
export async function openPostgres(isProfiled = false): Promise<Store> {
  const counting = { shared_preload_libraries: 'pg_stat_statements', track_io_timing: 'on' };
  const args = Object.entries(isProfiled ? { ...POSTGRES, ...counting } : POSTGRES).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  );
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
    async profile(folder) {
      await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
      const { rows } = await client.query<Record<string, unknown>>(STATEMENTS);
      const lines = rows.map(({ query, ...figures }) => `${JSON.stringify(figures)}\n${query}\n`);
      writeFileSync(path.join(folder, 'statements.txt'), lines.join('\n'));
    },
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
    async profile(folder) {
      const commands = (await client.info('commandstats')).split('\r\n').filter((line) => line.includes(':'));
      const slow = (await client.call('SLOWLOG', 'GET', '20')) as unknown[];
      const micros = (line: string) => Number(/usec=(\d+)/.exec(line)?.[1]);
      const lines = commands.sort((a, b) => micros(b) - micros(a));
      writeFileSync(path.join(folder, 'commands.txt'), `${lines.join('\n')}\n${JSON.stringify(slow)}\n`);
    },
    async stop() {
      client.disconnect();
      await server.stop();
    },
  };
}
