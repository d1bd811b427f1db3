import type { Principal } from '../../domain/access/principal.js';
import type { ReeveError } from '../../domain/errors.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Applicant, Judged } from './applicant.js';
import { routeApplicants } from './route-tasks.js';

export type { Admitted, Applicant, Judged } from './applicant.js';

type Judgement = readonly (Judged | ReeveError)[];

/**
 * Decides by the rules of their organisation whether tasks are accepted, how far ahead they go and how
 * their agents are found: job parser, approval, priority, routing. One answer an applicant, in order; an
 * error refuses it without a trace, where a REJECTED one is stored.
 */
export const admitTasks =
  (ports: Ports) =>
  (principal: Principal, applicants: readonly Applicant[]): Judgement | Promise<Judgement> => {
    const rules = ports.orgRules.of(principal.org);
    if (rules instanceof Promise) return rules.then((read) => admit(ports, read, applicants));
    return admit(ports, rules, applicants);
  };

function admit(
  ports: Ports,
  snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
): Judgement | Promise<Judgement> {
  const accepted = applicants.map((applicant): Judged => {
    const { spec } = applicant;
    const headStartMs = ports.rules.headStarts[spec.tier];
    return { applicant, spec, headStartMs, admission: { kind: 'ACCEPTED' }, decisions: [], notes: [] };
  });
  return routeApplicants(ports, snapshot, accepted);
}
