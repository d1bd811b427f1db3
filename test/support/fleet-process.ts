import { openServer } from '../../src/postgres/drivers/server.js';
import { migrate } from '../../src/postgres/migrate.js';
import { SILENT } from './pglite-record.js';
import { type ServeOptions, type ServeProcess, startServe } from './serve-process.js';
import { type PostgresServer, startPostgres } from './servers/postgres-server.js';
import { type RedisServer, startRedis } from './servers/redis-server.js';

export interface FleetOptions {
  /** How many; default 2. */
  readonly coordinators?: number;
  /** Further arguments of each `reeve serve`. */
  readonly args?: readonly string[];
  /** Further environment of each. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of Redis, such as `--appendonly yes`. Default: it keeps nothing on disk. */
  readonly redisArgs?: readonly string[];
  /** Where coordinators reach the stores instead, given where these are; for proxies. */
  readonly through?: (urls: StoreUrls) => Promise<StoreUrls> | StoreUrls;
}

export interface StoreUrls {
  readonly postgresUrl: string;
  readonly redisUrl: string;
}

/** A Postgres, a Redis, and coordinators that share them, each in a process of its own. */
export interface FleetProcess {
  /** Each can be ended, frozen and started again by itself. */
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly coordinators: readonly ServeProcess[];
  /** Where they serve gRPC, in the same order. */
  readonly addresses: readonly string[];
  /** Of the stores themselves, not through anything. */
  readonly urls: StoreUrls;
  /** Starts one more, of the same kind. */
  add(more?: Partial<ServeOptions>): Promise<ServeProcess>;
  /** Ends all of it: coordinators in order, if they still answer to that, then the stores. */
  stop(): Promise<void>;
}

/** How long a coordinator may take to stop before it is killed. */
const STOP_MS = 15_000;

/**
 * Starts a fleet on servers of its own, its schema up to date. It ends with the test process.
 *
 * @throws Error with what the process that failed has said
 */
export async function startFleet(options: FleetOptions = {}): Promise<FleetProcess> {
  const { coordinators: count = 2, args = [], env = {}, redisArgs = [], through } = options;
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis({ args: redisArgs })]);
  const urls: StoreUrls = { postgresUrl: await postgres.createDatabase(), redisUrl: redis.url };
  await migrateDatabase(urls.postgresUrl);
  const seen = (await through?.(urls)) ?? urls;
  const coordinators: ServeProcess[] = [];
  const start = (more: Partial<ServeOptions> = {}) =>
    startServe({ ...seen, ...more, args: [...args, ...(more.args ?? [])], env: { ...env, ...more.env } });
  const fleet: FleetProcess = {
    postgres,
    redis,
    coordinators,
    get addresses() {
      return coordinators.map(({ address }) => address);
    },
    urls,
    async add(more) {
      const added = await start(more);
      coordinators.push(added);
      return added;
    },
    async stop() {
      await Promise.all(coordinators.map(endOf));
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
  try {
    coordinators.push(...(await Promise.all(Array.from({ length: count }, () => start()))));
  } catch (error) {
    await fleet.stop();
    throw error;
  }
  return fleet;
}

/** Brings a database up to date, as `reeve migrate` does. */
export async function migrateDatabase(url: string): Promise<void> {
  const db = openServer({ url, log: SILENT });
  await migrate(db).finally(() => db.close());
}

async function endOf(coordinator: ServeProcess): Promise<void> {
  // One that is frozen hears nothing else.
  coordinator.thaw();
  const timer = setTimeout(() => void coordinator.kill(), STOP_MS);
  await coordinator.stop();
  clearTimeout(timer);
}
