import { Redis } from 'ioredis';
import type { Check } from '../../ports/check.js';
import type { Clock } from '../../ports/clock.js';
import { fail, type OpenRedisOptions, optionsOf } from '../open-redis.js';
import { fieldsOf } from './fields-of.js';

/** One server. */
export interface RedisNode {
  /** `host:port` */
  readonly place: string;
  /** What `INFO` says, by name. */
  readonly info: ReadonlyMap<string, string>;
  /** Rejects with UNAVAILABLE, or with Redis's own error. */
  call(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
  /** One parameter of its configuration; null if it does not say, as managed ones may. */
  config(name: string): Promise<string | null>;
}

/** What checks of a Redis are given. */
export interface RedisVisit {
  /** The one that the URL names. */
  readonly node: RedisNode;
  /** Those that are written to: of a cluster, all its primaries; else the one. */
  readonly primaries: readonly RedisNode[];
  readonly isCluster: boolean;
  /** What keys begin with. */
  readonly prefix: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  close(): void;
}

export type RedisCheck = Check<RedisVisit>;

export interface VisitOptions
  extends Pick<OpenRedisOptions, 'url' | 'commandTimeoutMs' | 'connectTimeoutMs'> {
  readonly prefix: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/**
 * Connects to the server and, of a cluster, to each of its primaries.
 *
 * @throws as `openRedis`
 */
export async function visitRedis(options: VisitOptions): Promise<RedisVisit> {
  const { url, prefix, clock } = options;
  const common = {
    ...optionsOf(options),
    lazyConnect: true,
    retryStrategy: () => null,
    reconnectOnError: () => false,
  };
  const opened: Redis[] = [];

  async function open(client: Redis): Promise<RedisNode> {
    let cause: unknown;
    opened.push(client);
    client.on('error', (error) => {
      cause ??= error;
    });
    try {
      await client.connect();
      return await nodeOf(client);
    } catch (error) {
      return fail(cause ?? error);
    }
  }
  const close = () => {
    for (const client of opened) client.disconnect();
  };
  try {
    const node = await open(new Redis(url, common));
    const isCluster = node.info.get('cluster_enabled') === '1';
    const places = isCluster ? primariesIn(`${await node.call('CLUSTER', 'NODES')}`) : [];
    const others = places.filter((place) => !place.isMyself);
    const primaries = await Promise.all(
      others.map(({ host, port }) => open(new Redis({ ...common, host, port }))),
    );
    const own = !isCluster || others.length < places.length ? [node] : [];
    return { node, primaries: [...own, ...primaries], isCluster, prefix, clock, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function nodeOf(client: Redis): Promise<RedisNode> {
  const { host, port } = client.options;
  const call: RedisNode['call'] = async (command, ...args) => client.call(command, args.map(String));
  return {
    place: `${host}:${port}`,
    info: fieldsOf(`${await call('INFO', 'everything')}`),
    call,
    async config(name) {
      const answer = await call('CONFIG', 'GET', name).catch(() => null);
      return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : null;
    },
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly isMyself: boolean;
}

/** Of lines such as `<id> 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-5460`, those with slots. */
function primariesIn(nodes: string): readonly Place[] {
  return nodes.split('\n').flatMap((line) => {
    const [, address = '', flags = '', , , , , , ...slots] = line.split(' ');
    const named = flags.split(',');
    if (!named.includes('master') || named.includes('fail') || slots.length === 0) return [];
    const [, host = '', port = ''] = /^(.*):(\d+)@/.exec(address) ?? [];
    return [{ host, port: Number(port), isMyself: named.includes('myself') }];
  });
}
