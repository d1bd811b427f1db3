import { ReeveError, unavailable } from '../domain/errors.js';
import type { RedisClient } from './client.js';
import { fieldsOf } from './doctor/fields-of.js';

/** The oldest Redis whose commands the scripts use: 6.2. */
export const OLDEST_REDIS = [6, 2] as const;
/** Written to see whether anything can be; gone after so long, in ms. */
const PROBE_MS = 1_000;

/** What is said of a Redis that can hold the index. */
export interface RedisHealth {
  /** For example `7.0.15`. */
  readonly version: string;
  /** What is allowed and worth saying, as sentences without their ends. */
  readonly remarks: readonly string[];
}

/**
 * Whether this Redis can hold the index.
 *
 * @throws UNAVAILABLE if it is not there now, or INDEX_IS_REPLICA, as in a failover; RESOURCE_EXHAUSTED
 *   (INDEX_FULL) if it takes nothing more, FAILED_PRECONDITION: INDEX_REFUSED, INDEX_TOO_OLD
 */
export async function checkRedis(client: RedisClient): Promise<RedisHealth> {
  const info = fieldsOf(`${await client.call('INFO', 'default')}`);
  const version = info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor < OLDEST_REDIS[1])) {
    throw unfit('INDEX_TOO_OLD', `Redis ${version} is too old, ${OLDEST_REDIS.join('.')} or later is needed`);
  }
  // The nodes of a cluster that hold the primaries are found by themselves.
  if (info.get('cluster_enabled') !== '1' && info.get('role') === 'slave') {
    const primary = `${info.get('master_host')}:${info.get('master_port')}`;
    throw unavailable('INDEX_IS_REPLICA', `this Redis is a replica of ${primary}, which only reads`);
  }
  await probe(client);
  return { version, remarks: await remarksOn(client, info) };
}

async function probe(client: RedisClient): Promise<void> {
  try {
    await client.call('SET', client.sharedKey('probe'), 1, 'PX', PROBE_MS);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!/\b(OOM|MISCONF)\b/.test(message)) throw error;
    throw new ReeveError('RESOURCE_EXHAUSTED', 'INDEX_FULL', `Redis takes nothing more: ${message}`);
  }
}

async function remarksOn(client: RedisClient, info: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const remarks: string[] = [];
  // A managed Redis may not say; then nothing is said of it.
  const save = await client.call('CONFIG', 'GET', 'save').catch(() => null);
  const savesNothing = Array.isArray(save) && save[1] === '';
  if (info.get('aof_enabled') === '0' && savesNothing) {
    remarks.push('keeps nothing on disk: after its restart the index is built again from the record');
  }
  const policy = info.get('maxmemory_policy');
  if (Number(info.get('maxmemory')) > 0 && policy !== 'noeviction') {
    remarks.push(`throws keys away when its memory is full (maxmemory-policy ${policy}): set noeviction`);
  }
  return remarks;
}

function unfit(reason: string, message: string): ReeveError {
  return new ReeveError('FAILED_PRECONDITION', reason, message);
}
