import { DEFAULT_ORG_CONFIG } from '../domain/config/org-config.js';
import { NO_LIMITS, type OrgLimits } from '../domain/limits/org-limits.js';
import type { FairnessWeights } from '../domain/limits/weights.js';

/** What organisations have set that the order goes by. */
export interface OrderTerms {
  /** What it lets run at once. */
  limitsOf(org: string): OrgLimits;
  /** What its fairness keys weigh. */
  weightsOf(org: string): FairnessWeights;
  /** What the rest keeps of the time of slots, from 0 to 1. */
  restShareOf(org: string): number;
  /** How much sooner an agent is done that did a task of the same affinity key lately, in ms. */
  coldStartMsOf(org: string): number;
  /** Calls `listener` when an answer for an organisation may be another than before. */
  onChanged(listener: (org: string) => void): void;
}

/** Where nothing is set, and nothing is kept for the rest. */
export const NO_ORDER_TERMS: OrderTerms = {
  limitsOf: () => NO_LIMITS,
  weightsOf: () => ({}),
  restShareOf: () => 0,
  coldStartMsOf: () => DEFAULT_ORG_CONFIG.affinityColdStartMs,
  onChanged() {},
};
