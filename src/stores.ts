import type { Log } from './ports/log.js';
import { checkServer } from './postgres/check-server.js';
import type { Database } from './postgres/database.js';
import { openServer } from './postgres/drivers/server.js';
import { checkRedis, type RedisHealth } from './redis/check-redis.js';
import type { RedisClient } from './redis/client.js';
import { openRedis } from './redis/open-redis.js';
import { SettingsError } from './settings/settings-error.js';
import { SETTINGS, type Settings } from './settings/table.js';
import { placeOf } from './settings/without-secrets.js';
import { type Patience, waitForStore } from './wait-for-store.js';

const POSTGRES_PORT = 5_432;
const REDIS_PORT = 6_379;

/**
 * Opens the Postgres of the settings, once it is there.
 *
 * @throws SettingsError if they name none; what `waitForStore` and `checkServer` throw; nothing is
 *   open then
 */
export async function openRecord(settings: Settings, log: Log, patience: Patience): Promise<Database> {
  requireUrls(settings, ['postgresUrl']);
  const db = openPools(settings, log, settings.postgresWriters, settings.postgresReaders);
  try {
    const place = placeOfRecord(settings);
    const version = await waitForStore({ name: 'Postgres', place, look: () => checkServer(db) }, patience);
    log.info({ place, version }, 'Postgres is there');
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The same Postgres by a connection of its own, for what must not wait behind all else. Opened when it is used. */
export function openAside(settings: Settings, log: Log): Database {
  return openPools(settings, log, 1, 1);
}

function openPools(settings: Settings, log: Log, writers: number, readers: number): Database {
  return openServer({
    url: settings.postgresUrl,
    log,
    writers,
    readers,
    connectTimeoutMs: settings.connectTimeoutMs,
    statementTimeoutMs: settings.statementTimeoutMs,
    prepare: settings.preparedStatements,
  });
}

/** Without user and password: `db:5432/reeve`. */
export function placeOfRecord({ postgresUrl }: Pick<Settings, 'postgresUrl'>): string {
  return placeOf(postgresUrl, POSTGRES_PORT);
}

/** The same: `redis:6379`. */
export function placeOfIndex({ redisUrl }: Pick<Settings, 'redisUrl'>): string {
  return placeOf(redisUrl, REDIS_PORT);
}

/**
 * Opens the Redis of the settings, once it is there, and says what is to be said of it.
 *
 * @throws SettingsError if they name none; what `waitForStore` and `checkRedis` throw; nothing is
 *   open then
 */
export async function openIndexStore(settings: Settings, log: Log, patience: Patience): Promise<RedisClient> {
  const { redisUrl: url, redisPrefix: prefix, redisTimeoutMs, connectTimeoutMs } = settings;
  requireUrls(settings, ['redisUrl']);
  const place = placeOfIndex(settings);
  const look = async (): Promise<{ client: RedisClient; health: RedisHealth }> => {
    const client = await openRedis({ url, prefix, log, commandTimeoutMs: redisTimeoutMs, connectTimeoutMs });
    try {
      return { client, health: await checkRedis(client) };
    } catch (error) {
      await client.close();
      throw error;
    }
  };
  const { client, health } = await waitForStore({ name: 'Redis', place, look }, patience);
  log.info({ place, version: health.version }, 'Redis is there');
  for (const remark of health.remarks) patience.say(`Redis at ${place} ${remark}`);
  return client;
}

/** @throws SettingsError that names those which nobody has set */
export function requireUrls(
  settings: Settings,
  keys: readonly ('postgresUrl' | 'redisUrl')[] = ['postgresUrl', 'redisUrl'],
): void {
  const missing = keys.filter((key) => settings[key] === '').map((key) => SETTINGS[key]);
  if (missing.length === 0) return;
  throw new SettingsError(
    missing.map(({ name, accepted }) => ({ origin: name, fault: `nobody has set it, expected ${accepted}` })),
    `Set ${missing.map(({ env }) => env).join(' and ')}, or say it in a settings file.`,
  );
}
