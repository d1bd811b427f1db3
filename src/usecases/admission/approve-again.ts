import { ReeveError } from '../../domain/errors.js';
import type { NewDecision } from '../../domain/policies/decision.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Applicant } from './applicant.js';
import { ACCEPTED, approve } from './approve.js';
import { askPolicies } from './ask-policies.js';
import { readInputs } from './input-of.js';

/** The more, the more stands against it. */
const AGAINST: Readonly<Record<Admission['kind'], number>> = {
  ACCEPTED: 0,
  AWAITING_APPROVAL: 1,
  REJECTED: 2,
};

/**
 * Asks the approval policy whether a task that was accepted may become another: an update is no way round an
 * approval. What its policy has against it as it is, it may have against it afterwards. Answers with what was said.
 *
 * @param waits nobody has approved it yet: what a person is to be asked of may become so
 * @throws FAILED_PRECONDITION (REJECTED_BY_POLICY)
 */
export async function approveAgain(
  ports: Pick<Ports, 'policies' | 'clock' | 'specs'>,
  snapshot: OrgSnapshot,
  {
    before,
    after,
    waits,
  }: { readonly before: Applicant; readonly after: Applicant; readonly waits: boolean },
): Promise<readonly NewDecision[]> {
  const asked = after.terms.policies.approval ?? snapshot.config.approvalPolicy;
  if (asked === null) return [];
  const inputOf = readInputs(ports.specs);
  const answers = await askPolicies(ports, snapshot, [before, after], ['APPROVAL'], inputOf);
  const now = ports.clock.now();
  const [was, is] = answers.map(({ APPROVAL: answer }) =>
    answer ? approve(snapshot, answer, now) : { admission: ACCEPTED, decision: null },
  );
  if (!was || !is) return [];
  const known = Math.max(AGAINST[was.admission.kind], waits ? AGAINST.AWAITING_APPROVAL : 0);
  if (is.admission.kind !== 'ACCEPTED' && AGAINST[is.admission.kind] > known) {
    const { reason, kind } = is.admission;
    const what = kind === 'REJECTED' ? 'would be rejected' : "would need a person's word";
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'REJECTED_BY_POLICY',
      `task ${after.taskId} ${what} as it is to be: ${reason}`,
      { metadata: { task_id: after.taskId, policy_reason: reason } },
    );
  }
  return is.decision ? [is.decision] : [];
}
