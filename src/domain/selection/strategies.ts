import { leastConnections } from './least-connections.js';
import type { Strategy } from './strategy.js';

export type StrategyName = 'LEAST_CONNECTIONS';

/** Every load-balancing strategy by its name in the settings and in org config. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  LEAST_CONNECTIONS: leastConnections,
};
