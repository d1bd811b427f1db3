import { durationTerm } from '../../domain/order/duration-term.js';
import { durationTermsOf } from '../../domain/order/duration-terms-of.js';
import type { Tier } from '../../domain/tasks/tier.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';

/** By how much tasks of an organisation stand back because of how long they are expected to take, in ms. */
export function standBack(
  { durations, rules }: Pick<Ports, 'durations' | 'rules'>,
  { org, config }: Pick<OrgSnapshot, 'org' | 'config'>,
): (task: { readonly kind: string; readonly tier: Tier }) => number {
  const terms = durationTermsOf(config, rules.durationTerms);
  if (terms.capMs === 0) return () => 0;
  return ({ kind, tier }) => durationTerm(durations.of(org, kind), tier, terms);
}
