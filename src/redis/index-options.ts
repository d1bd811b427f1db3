import type { Strategy } from '../domain/selection/strategy.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { RedisClient } from './client.js';

export interface RedisIndexOptions {
  readonly client: RedisClient;
  /** This coordinator. */
  readonly coordinatorId: string;
  readonly clock: Clock;
  /** Time goes by `clock`, not by that of Redis: for tests. Default false. */
  readonly ownTime?: boolean;
  readonly log: Log;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** The strategy in force for an organisation; asked at each choice, so that it can be switched. */
  readonly strategyOf: (org: string) => Strategy;
  /** The health threshold for tasks that name none. */
  readonly minHealth: number;
  /** How long a report of an agent's load counts, in ms. */
  readonly reportsLastMs: number;
  /** How long what nobody waits for waits for a step that it could go along with, in ms; 0: it takes one at once. Default 25. */
  readonly lingerMs?: number;
}
