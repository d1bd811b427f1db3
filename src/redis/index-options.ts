import type { MatchingOptions } from '../matching/matching-options.js';
import type { RedisClient } from './client.js';

export interface RedisIndexOptions extends MatchingOptions {
  readonly client: RedisClient;
  /** This coordinator. */
  readonly coordinatorId: string;
  /** Time goes by `clock`, not by that of Redis: for tests. Default false. */
  readonly ownTime?: boolean;
  /** How long what nobody waits for waits for a step that it could go along with, in ms; 0: it takes one at once. Default 25. */
  readonly lingerMs?: number;
}
