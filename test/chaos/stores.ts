import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { createFakeTime, type FakeTime } from './fake-time.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';

export type StoreName = 'postgres' | 'redis';

/** What is between one coordinator and its stores. */
export interface Links {
  readonly postgres: TcpProxy;
  readonly redis: TcpProxy;
  /** What the coordinator is told. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
}

/** A Postgres and a Redis of this run's own, and links to them that can be broken. */
export interface Stores {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  /** Past all links. */
  readonly databaseUrl: string;
  /** One a coordinator. */
  readonly links: readonly Links[];
  /** Where Postgres keeps its data; `null`: on no disk of its own. */
  readonly disk: SmallDisk | null;
  /** Postgres's wall clock; `null`: it is the machine's. */
  readonly clock: FakeTime | null;
  flushRedis(): Promise<void>;
  /** Makes Redis a replica of an empty server: its data is gone, and it refuses to write. */
  demoteRedis(): Promise<void>;
  /** Makes it a master again, with what it has, which is nothing. */
  promoteRedis(): Promise<void>;
  close(): Promise<void>;
}

/** Little log of Postgres's own, so that a small disk lasts. */
const SMALL_POSTGRES = [
  ...['-c', 'max_wal_size=96MB', '-c', 'min_wal_size=32MB', '-c', 'wal_keep_size=0'],
  ...['-c', 'checkpoint_timeout=30s'],
];

export interface StoresOptions {
  readonly coordinators: number;
  /** How much Postgres's disk takes; 0: it is on no disk of its own. */
  readonly diskMebibytes: number;
  /** Where the clock files are. */
  readonly folder: string;
  /** Whether clocks may jump. */
  readonly clocks: boolean;
}

export async function openStores({
  coordinators,
  diskMebibytes,
  folder,
  clocks,
}: StoresOptions): Promise<Stores> {
  const disk = diskMebibytes > 0 ? mountSmallDisk(diskMebibytes) : null;
  try {
    return await openOn(disk, { coordinators, folder, clocks });
  } catch (error) {
    disk?.close();
    throw error;
  }
}

async function openOn(
  disk: SmallDisk | null,
  { coordinators, folder, clocks }: Omit<StoresOptions, 'diskMebibytes'>,
): Promise<Stores> {
  const clock = clocks ? createFakeTime(folder, 'postgres') : null;
  const home = disk && path.join(disk.folder, 'postgres');
  if (home && !existsSync(home)) mkdirSync(home, { mode: 0o755 });
  const postgres = await startPostgres({
    ...(home && { folder: home }),
    ...(clock && { env: clock.env }),
    args: SMALL_POSTGRES,
  });
  const [redis, empty] = await Promise.all([startRedis(), startRedis()]);
  const databaseUrl = await postgres.createDatabase();
  const links = await Promise.all(
    Array.from({ length: coordinators }, async (): Promise<Links> => {
      const [toPostgres, toRedis] = await Promise.all([
        openTcpProxy([new URL(databaseUrl).host]),
        openTcpProxy([`127.0.0.1:${redis.port}`]),
      ]);
      const postgresUrl = new URL(databaseUrl);
      postgresUrl.port = `${toPostgres.port}`;
      return {
        postgres: toPostgres,
        redis: toRedis,
        postgresUrl: postgresUrl.href,
        redisUrl: `redis://127.0.0.1:${toRedis.port}`,
      };
    }),
  );
  const asked = async (ask: (client: Redis) => Promise<unknown>) => {
    const client = new Redis({
      host: '127.0.0.1',
      port: redis.port,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await ask(client);
    } finally {
      client.disconnect();
    }
  };
  return {
    postgres,
    redis,
    databaseUrl,
    links,
    disk,
    clock,
    flushRedis: () => asked((client) => client.flushall()),
    demoteRedis: () => asked((client) => client.replicaof('127.0.0.1', empty.port)),
    promoteRedis: () => asked((client) => client.replicaof('NO', 'ONE')),
    async close() {
      for (const link of links) {
        link.postgres.close();
        link.redis.close();
      }
      // Frozen, it would not end.
      redis.thaw();
      await Promise.all([postgres.stop(), redis.stop(), empty.stop()]);
      disk?.close();
    },
  };
}
