import type { Strategy } from '../domain/selection/strategy.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

export interface MemoryIndexOptions {
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
  /** The strategy in force for an organisation; asked at each choice, so that it can be switched. */
  readonly strategyOf: (org: string) => Strategy;
  /** The health threshold for tasks that name none. */
  readonly minHealth: number;
  /** How long a report of an agent's load counts, in ms. */
  readonly reportsLastMs: number;
}
