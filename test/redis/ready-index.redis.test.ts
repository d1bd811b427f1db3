import { afterAll, beforeAll } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import { openRedis } from '../../src/redis/open-redis.js';
import { describeReadyIndex } from '../conformance/ready-index.js';
import { describeGuards } from '../conformance/ready-index-guards.js';
import { describeHolds } from '../conformance/ready-index-holds.js';
import { describeReadyIndexOrder } from '../conformance/ready-index-order.js';
import { describePolls } from '../conformance/ready-index-polls.js';
import { describeReservations } from '../conformance/ready-index-reservations.js';
import { describeStrategies, type StrategyUnderTest } from '../conformance/ready-index-strategies.js';
import { describeWaiting } from '../conformance/ready-index-waiting.js';
import { SILENT } from '../support/pglite-record.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';

let server: RedisServer;
let client: RedisClient;

beforeAll(async () => {
  server = await startRedis();
  client = await openRedis({ url: server.url, log: SILENT });
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const open = (options?: StrategyUnderTest) => openRedisIndex(client, options);

describeReadyIndex('Redis', open);
describeStrategies('Redis', open);
describeGuards('Redis', open);
describePolls('Redis', open);
describeReadyIndexOrder('Redis', open);
describeReservations('Redis', open);
describeWaiting('Redis', open);
describeHolds('Redis', open);
