import { fieldsOf } from './fields-of.js';
import type { RedisCheck } from './visit.js';

const SLOTS = 16_384;

/** Whether a cluster serves all its slots. */
export const CLUSTER: RedisCheck = {
  name: 'cluster',
  async look({ node, primaries, isCluster }) {
    if (!isCluster) return [{ level: 'ok', what: 'one server, no cluster' }];
    const state = fieldsOf(`${await node.call('CLUSTER', 'INFO')}`);
    const slots = Number(state.get('cluster_slots_ok') ?? 0);
    if (state.get('cluster_state') !== 'ok' || slots < SLOTS) {
      return [
        {
          level: 'error',
          what: `the cluster is ${state.get('cluster_state')}: ${slots} of ${SLOTS} slots are served`,
          why: 'Organisations whose slots are not served get no work.',
          fix: `redis-cli --cluster check ${node.place}, then --cluster fix`,
        },
      ];
    }
    const alone = primaries.filter(({ info }) => Number(info.get('connected_slaves') ?? 0) === 0);
    const what = `${primaries.length} primaries serve all slots`;
    if (alone.length === 0) return [{ level: 'ok', what }];
    return [
      {
        level: 'note',
        what: `${what}; without a replica: ${alone.map(({ place }) => place).join(', ')}`,
        why: 'While such a node is away its organisations get no work.',
        fix: 'redis-cli --cluster add-node … --cluster-slave',
      },
    ];
  },
};
