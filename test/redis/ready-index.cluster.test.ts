import { afterAll, beforeAll } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import { openRedis } from '../../src/redis/open-redis.js';
import { describeReadyIndex } from '../conformance/ready-index.js';
import { describeCandidates } from '../conformance/ready-index-candidates.js';
import { describeGuards } from '../conformance/ready-index-guards.js';
import { describeHolds } from '../conformance/ready-index-holds.js';
import { describeReadyIndexOrder } from '../conformance/ready-index-order.js';
import { describePolls } from '../conformance/ready-index-polls.js';
import { describeReservations } from '../conformance/ready-index-reservations.js';
import { describeStrategies, type StrategyUnderTest } from '../conformance/ready-index-strategies.js';
import { describeTerms } from '../conformance/ready-index-terms.js';
import { describeWaiting } from '../conformance/ready-index-waiting.js';
import { SILENT } from '../support/pglite-record.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { type RedisCluster, startRedisCluster } from '../support/servers/redis-server.js';

let cluster: RedisCluster;
let client: RedisClient;

beforeAll(async () => {
  cluster = await startRedisCluster();
  client = await openRedis({ url: cluster.url, log: SILENT });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

const open = (options?: StrategyUnderTest) => openRedisIndex(client, options);

describeReadyIndex('Redis Cluster', open);
describeStrategies('Redis Cluster', open);
describeGuards('Redis Cluster', open);
describeTerms('Redis Cluster', open);
describePolls('Redis Cluster', open);
describeReadyIndexOrder('Redis Cluster', open);
describeReservations('Redis Cluster', open);
describeWaiting('Redis Cluster', open);
describeCandidates('Redis Cluster', open);
describeHolds('Redis Cluster', open);
