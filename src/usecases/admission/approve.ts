import type { ApprovalAnswer } from '../../domain/policies/answers.js';
import type { NewDecision } from '../../domain/policies/decision.js';
import { readApproval } from '../../domain/policies/read-answers.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import { type Answer, type Asked, type Heard, hear } from './answers.js';

export const ACCEPTED: Admission = { kind: 'ACCEPTED' };

/** What an approval policy's answer means for a task. */
export function approve(
  { config }: Pick<OrgSnapshot, 'config'>,
  answer: Answer,
  now: number,
): { readonly admission: Admission; readonly decision: NewDecision } {
  const heard = hear(answer, readApproval);
  const { value, decision } = heard;
  const { policyId, version: policyVersion } = answer.by;
  if (!value) return { admission: withoutAnswer(heard, answer.by), decision };
  const reason = value.reason;
  switch (value.verdict) {
    case 'ACCEPTED':
      return { admission: ACCEPTED, decision };
    case 'REJECTED': {
      const words = reason || `policy ${policyId} did not accept it`;
      return { admission: { kind: 'REJECTED', reason: words }, decision };
    }
    case 'NEEDS_HUMAN': {
      const dueTime = now + (value.dueMs ?? config.approvalTimeoutMs);
      const words = reason || `policy ${policyId} asks for a person`;
      const asked = { policyId, policyVersion, dueTime, defaultVerdict: config.approvalDefault };
      return { admission: { kind: 'AWAITING_APPROVAL', reason: words, ...asked }, decision };
    }
  }
}

/** What cannot be approved is not, unless the policy says otherwise. */
function withoutAnswer({ problem }: Heard<ApprovalAnswer>, { onError, policyId }: Asked): Admission {
  if (onError === 'ACCEPT') return ACCEPTED;
  return { kind: 'REJECTED', reason: `approval policy ${policyId} gave no answer: ${problem}` };
}
