import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { ReeveError, unavailable } from '../domain/errors.js';
import type { Log } from '../ports/log.js';
import { createBreaker } from './breaker.js';
import type { Argument, Connection, RedisClient, Reply } from './client.js';
import { createSubscriber } from './subscriber.js';

export interface OpenRedisOptions {
  /** `redis://user:password@host:port/db`, `rediss://…` with TLS; of a cluster, any of its nodes. */
  readonly url: string;
  /** What all keys and channels begin with, so that installations can share a Redis. Default `reeve`. */
  readonly prefix?: string;
  readonly log: Log;
  /** How long an answer may take, in ms; default 2,000. */
  readonly commandTimeoutMs?: number;
  /** How long a connection may take to open, in ms; default 5,000. */
  readonly connectTimeoutMs?: number;
}

/** Between two attempts to connect again, in ms. */
const RECONNECT_MS = { first: 50, most: 1_000 };

/**
 * Connects, and finds out whether it is a cluster. Later losses are mended by themselves.
 *
 * @throws UNAVAILABLE (INDEX_UNAVAILABLE) if it does not answer now, FAILED_PRECONDITION
 *   (INDEX_REFUSED) if it does not let us in
 */
export async function openRedis(options: OpenRedisOptions): Promise<RedisClient> {
  const { prefix = 'reeve', log } = options;
  const connection = await connect(options);
  const subscriber = createSubscriber(connection, log);
  const breaker = createBreaker({ now: () => performance.now() });
  const listeners: (() => void)[] = [];
  let ready = true;
  connection.on('close', () => {
    ready = false;
  });
  connection.on('ready', () => {
    if (ready) return;
    ready = true;
    breaker.reset();
    for (const listener of listeners) listener();
  });

  const guarded = <T>(work: () => Promise<T>): Promise<T> => breaker.run(work).catch(fail);

  async function evaluate(sha: string, text: string, key: string, args: readonly Argument[]) {
    try {
      return await connection.evalsha(sha, 1, key, ...args);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return await connection.eval(text, 1, key, ...args);
    }
  }

  return {
    run: ({ sha, text }, org, args) =>
      guarded(async () => (await evaluate(sha, text, `${prefix}:{${org}}:`, args)) as Reply),
    call: (command, key, ...args) =>
      guarded(async () => (await connection.call(command, [key, ...args])) as Reply),
    keyOf: (org, name) => `${prefix}:{${org}}:${name}`,
    sharedKey: (name) => `${prefix}:${name}`,
    channel: (name) => `${prefix}:${name}`,
    publish: (channel, message) =>
      guarded(async () => void (await connection.publish(`${prefix}:${channel}`, message))),
    subscribe: (channel, listener) => subscriber.add(`${prefix}:${channel}`, listener).catch(fail),
    onBack: (listener) => void listeners.push(listener),
    async close() {
      subscriber.close();
      connection.disconnect();
    },
  };
}

async function connect(options: OpenRedisOptions): Promise<Connection> {
  const { url } = options;
  const common = optionsOf(options);
  const probe = new Redis(url, { ...common, lazyConnect: true, retryStrategy: () => null });
  let cause: unknown;
  probe.on('error', (error) => {
    cause ??= error;
  });
  try {
    await probe.connect();
    const info = String(await probe.info('cluster'));
    const opened = info.includes('cluster_enabled:1')
      ? openCluster(probe.options, common)
      : new Redis(url, { ...common, enableOfflineQueue: false, lazyConnect: true, retryStrategy: backoff });
    opened.on('error', (error) => options.log.debug({ err: error }, 'a connection to Redis broke'));
    await opened.connect();
    return opened;
  } catch (error) {
    return fail(cause ?? error);
  } finally {
    probe.disconnect();
  }
}

/** The other nodes are asked of the one that is known. */
function openCluster({ host, port }: RedisOptions, common: CommonOptions): Cluster {
  return new Cluster([{ host: host ?? '127.0.0.1', port: port ?? 6379 }], {
    // Nodes connect when they are first needed; what waits for that is bound by the timeout too.
    enableOfflineQueue: true,
    lazyConnect: true,
    // A command whose connection has closed may have run: it is never sent again by itself.
    retryDelayOnFailover: 0,
    clusterRetryStrategy: backoff,
    redisOptions: common,
  });
}

/** What every connection is made with. */
export function optionsOf({
  url,
  commandTimeoutMs = 2_000,
  connectTimeoutMs = 5_000,
}: Pick<OpenRedisOptions, 'url' | 'commandTimeoutMs' | 'connectTimeoutMs'>) {
  const { username, password, protocol } = new URL(url);
  return {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A primary that became a replica: another connection may lead to the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    connectionName: 'reeve',
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

type CommonOptions = ReturnType<typeof optionsOf>;

function backoff(times: number): number {
  return Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** Math.min(times - 1, 10));
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** @throws what went wrong between us and Redis, in the domain's terms */
export function fail(error: unknown): never {
  if (error instanceof ReeveError) throw error;
  const message = error instanceof Error ? error.message : String(error);
  if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(message))
    throw new ReeveError('FAILED_PRECONDITION', 'INDEX_REFUSED', `Redis does not let us in: ${message}`);
  if (/^ERR Error (running|compiling) script|user_script/.test(message)) throw error;
  throw unavailable('INDEX_UNAVAILABLE', `the index is not to be had: ${message}`);
}
