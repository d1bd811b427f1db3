import type { RedisCheck } from './visit.js';

/** Who listens to Redis as a coordinator does: each has one connection for that. */
export const COORDINATORS: RedisCheck = {
  name: 'coordinators',
  async look({ primaries, prefix }) {
    const lists = await Promise.all(primaries.map((node) => node.call('CLIENT', 'LIST', 'TYPE', 'pubsub')));
    const hosts = lists.flatMap((list) =>
      String(list)
        .split('\n')
        .filter((line) => / name=reeve /.test(line))
        .flatMap((line) => / addr=(\S+):\d+ /.exec(line)?.[1] ?? []),
    );
    const where = hosts.length > 0 ? `, on ${[...new Set(hosts)].sort().join(', ')}` : '';
    const what = `${hosts.length} listen now${where} (whatever their prefix, here ${prefix})`;
    return [{ level: 'ok', what }];
  },
};
