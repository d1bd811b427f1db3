import type { Finding } from '../../ports/check.js';
import { OLDEST_REDIS } from '../check-redis.js';
import type { RedisCheck, RedisNode } from './visit.js';

/** Whether each server is new enough and can be written to. */
export const SERVER: RedisCheck = {
  name: 'server',
  look: async ({ node, primaries, isCluster }) => {
    // The node of a cluster that the URL names only tells where the primaries are.
    const found = primaries.flatMap(versionOf);
    if (!isCluster) found.push(...roleOf(node));
    const [first, ...others] = [...new Set(primaries.map(({ info }) => nameOf(info)))];
    if (others.length > 0) {
      found.push({
        level: 'note',
        what: `the nodes have different versions: ${[first, ...others].join(', ')}`,
        why: 'A script may run on one and not on another.',
        fix: 'Bring all nodes to one version.',
      });
    }
    return found.length > 0 ? found : [{ level: 'ok', what: first ?? 'there' }];
  },
};

function versionOf({ place, info }: RedisNode): Finding[] {
  const [major = 0, minor = 0] = (info.get('redis_version') ?? '').split('.').map(Number);
  if (major > OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor >= OLDEST_REDIS[1])) return [];
  return [
    {
      level: 'error',
      what: `${nameOf(info)} at ${place} is too old`,
      why: `The scripts use commands of Redis ${OLDEST_REDIS.join('.')}.`,
      fix: `Upgrade to Redis ${OLDEST_REDIS.join('.')} or later, or Valkey.`,
    },
  ];
}

function roleOf({ info }: RedisNode): Finding[] {
  if (info.get('role') !== 'slave') return [];
  const primary = `${info.get('master_host')}:${info.get('master_port')}`;
  return [
    {
      level: 'error',
      what: `it is a replica of ${primary}`,
      why: 'A replica only reads, and coordinators do not start on it.',
      fix: `Name the primary, ${primary}, in REEVE_REDIS_URL; or, if it is to be one: REPLICAOF NO ONE`,
    },
  ];
}

/** `Redis 7.0.15`, `Valkey 8.0.1` */
function nameOf(info: ReadonlyMap<string, string>): string {
  const valkey = info.get('valkey_version');
  return valkey ? `Valkey ${valkey}` : `Redis ${info.get('redis_version')}`;
}
