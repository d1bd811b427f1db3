import { describeFairness } from '../conformance/ready-index-fairness.js';
import { describeLimits } from '../conformance/ready-index-limits.js';
import { describeRandomLimits } from '../conformance/ready-index-limits-random.js';
import { describePreemption } from '../conformance/ready-index-preemption.js';
import type { StrategyUnderTest } from '../conformance/ready-index-strategies.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

const open = (options?: StrategyUnderTest) => openRedisIndex(redis.client, options);

describeLimits('Redis', open);
describeFairness('Redis', open);
describeRandomLimits('Redis', open);
describePreemption('Redis', open);
