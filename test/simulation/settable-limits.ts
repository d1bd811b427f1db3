import { NO_LIMITS, type OrgLimits } from '../../src/domain/limits/org-limits.js';
import { NO_ORDER_TERMS, type OrderTerms } from '../../src/matching/order-terms.js';

/** The limits of one organisation, to be changed. */
export class SettableLimits {
  current: OrgLimits = NO_LIMITS;
  #told: (org: string) => void = () => undefined;
  readonly terms: OrderTerms = {
    ...NO_ORDER_TERMS,
    limitsOf: () => this.current,
    onChanged: (listener) => {
      this.#told = listener;
    },
  };

  change(org: string, over: Partial<OrgLimits>): void {
    this.current = { ...this.current, ...over, version: this.current.version + 1 };
    this.#told(org);
  }
}
