import type { Finding } from '../../ports/check.js';
import type { RedisCheck, RedisNode } from './visit.js';

/** What survives a restart of each server, and whether saving works. */
export const PERSISTENCE: RedisCheck = {
  name: 'persistence',
  look: async ({ primaries }) => (await Promise.all(primaries.map(persistenceOf))).flat(),
};

async function persistenceOf(node: RedisNode): Promise<Finding[]> {
  const { info, place } = node;
  const failing = ['rdb_last_bgsave_status', 'aof_last_write_status'].filter(
    (name) => info.get(name) === 'err',
  );
  if (failing.length > 0) {
    return [
      {
        level: 'error',
        what: `the last try to save at ${place} failed (${failing.join(', ')})`,
        why: 'A Redis that cannot save takes no more writes.',
        fix: 'Look at its log, and make room on its disk.',
      },
    ];
  }
  if (info.get('aof_enabled') === '1') {
    const fsync = await node.config('appendfsync');
    return [{ level: 'ok', what: `${place} keeps a log${fsync ? `, appendfsync ${fsync}` : ''}` }];
  }
  const save = await node.config('save');
  if (save === null) return [{ level: 'note', what: `${place} does not say whether it saves` }];
  if (save !== '') return [{ level: 'ok', what: `${place} saves snapshots (${save})` }];
  return [
    {
      level: 'note',
      what: `${place} keeps nothing on disk`,
      why: 'That is allowed: after its restart the index is built again from the record, which takes a while with many tasks.',
      fix: 'CONFIG SET appendonly yes, and the same in its file',
    },
  ];
}
