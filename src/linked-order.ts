import type { OrderTerms } from './matching/order-terms.js';
import type { OrgRules } from './ports/org-rules.js';

/** What the order goes by, as organisations have it. */
export function linkOrder(orgRules: OrgRules): OrderTerms {
  return {
    limitsOf(org) {
      const { version, config } = orgRules.known(org);
      const { maxConcurrent, maxBusyAgents, reservedSlots, limits: keys } = config;
      return { version, maxConcurrent, maxBusyAgents, reservedSlots, keys };
    },
    weightsOf: (org) => orgRules.known(org).config.fairnessWeights,
    restShareOf: (org) => orgRules.known(org).config.restShare,
    coldStartMsOf: (org) => orgRules.known(org).config.affinityColdStartMs,
    onChanged: (listener) => orgRules.onChanged(({ org }) => listener(org)),
  };
}
