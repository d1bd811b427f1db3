import type { Principal } from '../../domain/access/principal.js';
import type { ReeveError } from '../../domain/errors.js';
import type { Decision } from '../../domain/policies/decision.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { TaskSpec } from '../../domain/tasks/task.js';
import { NO_TERMS, type Terms } from '../../domain/tasks/terms.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';

/** A task that asks to be accepted. */
export interface Applicant {
  readonly taskId: string;
  readonly spec: TaskSpec;
  readonly terms: Terms;
  /** Somebody has to be there who may get it. */
  readonly requireCandidate: boolean;
  /** Ms since the epoch. */
  readonly createTime: number;
}

/** What was decided of it. */
export interface Admitted {
  readonly spec: TaskSpec;
  readonly headStartMs: number;
  readonly admission: Admission;
  readonly decisions: readonly Decision[];
  /** For people. */
  readonly notes: readonly string[];
}

/**
 * Decides by the rules of their organisation whether tasks are accepted, how far ahead they go and how
 * their agents are found: job parser, approval, priority, routing. One answer an applicant, in order; an
 * error refuses it without a trace, where a REJECTED one is stored.
 */
export const admitTasks =
  (ports: Ports) =>
  (
    principal: Principal,
    applicants: readonly Applicant[],
  ): readonly (Admitted | ReeveError)[] | Promise<readonly (Admitted | ReeveError)[]> => {
    const rules = ports.orgRules.of(principal.org);
    if (rules instanceof Promise) return rules.then((read) => admit(ports, read, applicants));
    return admit(ports, rules, applicants);
  };

function admit(
  { rules }: Ports,
  _snapshot: OrgSnapshot,
  applicants: readonly Applicant[],
): readonly (Admitted | ReeveError)[] {
  return applicants.map(({ spec }) => ({
    spec,
    headStartMs: rules.headStarts[spec.tier],
    admission: { kind: 'ACCEPTED' },
    decisions: [],
    notes: [],
  }));
}

/** Whether nothing has to be asked of anybody for a task. */
export function isPlain({ spec, terms, requireCandidate }: Applicant): boolean {
  return terms === NO_TERMS && !requireCandidate && spec.requirements.roles.length === 0;
}
