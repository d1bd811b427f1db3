import { geographic } from './geographic.js';
import { leastConnections } from './least-connections.js';
import { random } from './random.js';
import { resourceBased } from './resource-based.js';
import { roundRobin } from './round-robin.js';
import { shortestExpected } from './shortest-expected.js';
import type { Strategy } from './strategy.js';
import type { StrategyName } from './strategy-name.js';
import { weightedRoundRobin } from './weighted-round-robin.js';

/** Every load-balancing strategy by its name. */
export const STRATEGIES = {
  LEAST_CONNECTIONS: leastConnections,
  ROUND_ROBIN: roundRobin,
  WEIGHTED_ROUND_ROBIN: weightedRoundRobin,
  RESOURCE_BASED: resourceBased,
  GEOGRAPHIC: geographic,
  RANDOM: random,
  SHORTEST_EXPECTED: shortestExpected,
} as const satisfies Readonly<Record<StrategyName, Strategy>>;
