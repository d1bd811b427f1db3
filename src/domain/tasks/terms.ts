import type { ResolutionFallback, ResolutionStrategy } from '../config/org-config.js';
import type { PolicyRefs } from '../policies/policy.js';
import type { StrategyName } from '../selection/strategy-name.js';

/** How a task wants its agent found; `null`: as its organisation does. */
export interface RoutingTerms {
  readonly strategy: ResolutionStrategy | null;
  readonly loadBalancing: StrategyName | null;
  readonly staticSubjectId: string | null;
  readonly staticRoleId: string | null;
  readonly fallback: ResolutionFallback | null;
}

/** What a task says of the rules that it goes by. It stands in the spec's body, and is read where it is needed. */
export interface Terms {
  readonly policies: PolicyRefs;
  readonly routing: RoutingTerms;
  /** From 0 to 1000, each. */
  readonly urgency: number;
  readonly impact: number;
  readonly priority: number;
}

export const NO_POLICIES: PolicyRefs = {
  approval: null,
  priority: null,
  auctionInput: null,
  planRetrieve: null,
};

export const NO_ROUTING: RoutingTerms = {
  strategy: null,
  loadBalancing: null,
  staticSubjectId: null,
  staticRoleId: null,
  fallback: null,
};

/** Of a task that says nothing. */
export const NO_TERMS: Terms = {
  policies: NO_POLICIES,
  routing: NO_ROUTING,
  urgency: 0,
  impact: 0,
  priority: 0,
};
