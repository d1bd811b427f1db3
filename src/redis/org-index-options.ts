import type { Condition } from '../domain/agents/eligibility.js';
import type { OrderTerms } from '../matching/order-terms.js';
import type { OrgTerms } from '../matching/org-terms.js';
import type { Clock } from '../ports/clock.js';
import type { ExpectedDurations } from '../ports/expected-durations.js';
import type { Log } from '../ports/log.js';
import type { RedisClient } from './client.js';
import type { RedisIndexOptions } from './index-options.js';
import type { LaneNames } from './lane-names.js';

export interface OrgIndexOptions {
  readonly org: string;
  /** The coordinator. */
  readonly me: string;
  readonly client: RedisClient;
  readonly clock: Clock;
  /** Time goes by `clock`, not by Redis: for tests. */
  readonly ownTime: boolean;
  readonly log: Log;
  readonly random: () => number;
  readonly fresh: () => string;
  readonly strategyOf: RedisIndexOptions['strategyOf'];
  readonly minHealth: number;
  readonly terms: OrgTerms | undefined;
  readonly orderTerms: OrderTerms;
  readonly durations: Pick<ExpectedDurations, 'of'>;
  readonly names: LaneNames;
  /** Told whenever something is limited and Redis does not know what runs. */
  readonly onUnready: () => void;
  readonly lingerMs: number;
  /** Told when there may be something to reserve. */
  readonly onRunnable: () => void;
  /** Told when Redis has lost what it had. */
  readonly onLost: () => void;
  /** Told what Redis has of an agent, whenever it has been written. */
  readonly onCondition: (agentId: string, condition: Condition) => void;
}
