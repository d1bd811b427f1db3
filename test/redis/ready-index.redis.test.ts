import { describeReadyIndex } from '../conformance/ready-index.js';
import { describeAffinity } from '../conformance/ready-index-affinity.js';
import { describeCandidates } from '../conformance/ready-index-candidates.js';
import { describeExplaining } from '../conformance/ready-index-explaining.js';
import { describeGuards } from '../conformance/ready-index-guards.js';
import { describeHolds } from '../conformance/ready-index-holds.js';
import { describeReadyIndexOrder } from '../conformance/ready-index-order.js';
import { describePolls } from '../conformance/ready-index-polls.js';
import { describeReservations } from '../conformance/ready-index-reservations.js';
import { describeStrategies, type StrategyUnderTest } from '../conformance/ready-index-strategies.js';
import { describeTerms } from '../conformance/ready-index-terms.js';
import { describeWaiting } from '../conformance/ready-index-waiting.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

const open = (options?: StrategyUnderTest) => openRedisIndex(redis.client, options);

describeReadyIndex('Redis', open);
describeStrategies('Redis', open);
describeGuards('Redis', open);
describeAffinity('Redis', open);
describeTerms('Redis', open);
describePolls('Redis', open);
describeReadyIndexOrder('Redis', open);
describeReservations('Redis', open);
describeWaiting('Redis', open);
describeCandidates('Redis', open);
describeHolds('Redis', open);
describeExplaining('Redis', open);
