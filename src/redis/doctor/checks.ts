import { CLUSTER } from './cluster.js';
import { COORDINATORS } from './coordinators.js';
import { LATENCY } from './latency.js';
import { MEMORY } from './memory.js';
import { PERSISTENCE } from './persistence.js';
import { SERVER } from './server.js';
import type { RedisCheck } from './visit.js';
import { TAKES_WRITES } from './writes.js';

/** In the order in which they are looked at. */
export const REDIS_CHECKS: readonly RedisCheck[] = [
  SERVER,
  CLUSTER,
  TAKES_WRITES,
  LATENCY,
  PERSISTENCE,
  MEMORY,
  COORDINATORS,
];
