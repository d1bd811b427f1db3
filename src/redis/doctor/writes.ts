import type { Finding } from '../../ports/check.js';
import type { RedisCheck, RedisNode } from './visit.js';

/** How long what is written to try stays, in ms. */
const PROBE_MS = 1_000;

/** Whether it takes what coordinators ask of it: writes, scripts, messages. */
export const TAKES_WRITES: RedisCheck = {
  name: 'writes',
  async look({ primaries, isCluster, node, prefix }) {
    // In a cluster the key's slot is on one of them, and the others say so.
    const found = await Promise.all(primaries.map((one) => tryOut(one, `${prefix}:doctor`)));
    const faults = found.flat();
    if (!isCluster && node.info.get('role') === 'slave') return [];
    return faults.length > 0 ? faults : [{ level: 'ok', what: 'scripts, writes and messages are taken' }];
  },
};

async function tryOut(node: RedisNode, key: string): Promise<Finding[]> {
  try {
    await node.call('EVAL', `return redis.call('SET', KEYS[1], 1, 'PX', ${PROBE_MS})`, 1, key);
    await node.call('PUBLISH', key, '');
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/\b(MOVED|READONLY)\b/.test(message)) return [];
    const [, why, fix] = CAUSES.find(([pattern]) => pattern.test(message)) ?? OTHER;
    return [{ level: 'error', what: `${node.place} takes no writes: ${message}`, why, fix }];
  }
}

const OTHER: readonly [RegExp, string, string] = [
  /./,
  'Nothing is dispatched without them.',
  'Look at the log of Redis.',
];

const CAUSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /\bOOM\b/,
    'With its memory full nothing is dispatched; submits and results are still recorded.',
    'CONFIG SET maxmemory with more, or clear what else is in this Redis.',
  ],
  [
    /\bMISCONF\b/,
    'It cannot save to its disk and therefore takes no writes.',
    'Make room on its disk, or let it go on without: CONFIG SET stop-writes-on-bgsave-error no',
  ],
  [
    /\b(NOPERM|permission)/,
    'Coordinators run scripts and send messages.',
    'ACL SETUSER … ~reeve:* &reeve:* +@all -@dangerous +info +client|list +config|get',
  ],
];
