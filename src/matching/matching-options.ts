import type { Strategy } from '../domain/selection/strategy.js';
import type { StrategyName } from '../domain/selection/strategy-name.js';
import type { Clock } from '../ports/clock.js';
import type { ExpectedDurations } from '../ports/expected-durations.js';
import type { Log } from '../ports/log.js';
import type { OrderTerms } from './order-terms.js';
import type { OrgTerms } from './org-terms.js';

/** What every index needs to find who gets a task. */
export interface MatchingOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /**
   * The strategy in force for tasks of an organisation that name this one (`null`: none); asked at each
   * choice, so that it can be switched.
   */
  readonly strategyOf: (org: string, balancing: StrategyName | null) => Strategy;
  /** The health threshold for tasks that name none, of organisations that have set none. */
  readonly minHealth: number;
  /** What organisations have set. Default: nothing. */
  readonly terms?: OrgTerms;
  /** What organisations have set that the order goes by. Default: nothing. */
  readonly orderTerms?: OrderTerms;
  /** How long tasks take. Default: nothing is known. */
  readonly durations?: Pick<ExpectedDurations, 'of'>;
  /** How long a report of an agent's load counts, in ms. */
  readonly reportsLastMs: number;
}
