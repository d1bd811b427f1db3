import { STRATEGY_NAMES } from '../../../src/domain/selection/strategy-name.js';
import { auction } from './auction.js';
import type { Micro } from './micro.js';
import { ranking } from './ranking.js';

/** All decisions that are timed; each is made anew for its turn. */
export const MICROS: readonly (() => Micro)[] = [
  ...STRATEGY_NAMES.map((name) => () => ranking(name)),
  auction,
];
