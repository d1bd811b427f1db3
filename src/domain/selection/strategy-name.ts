/** Every load-balancing strategy by its name in the settings and in org config. */
export const STRATEGY_NAMES = [
  'LEAST_CONNECTIONS',
  'ROUND_ROBIN',
  'WEIGHTED_ROUND_ROBIN',
  'RESOURCE_BASED',
  'GEOGRAPHIC',
  'RANDOM',
  'SHORTEST_EXPECTED',
] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];
