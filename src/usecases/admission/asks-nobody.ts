import { NO_TERMS } from '../../domain/tasks/terms.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Applicant } from './applicant.js';

/** Whether the organisation has set nothing that a task is judged by. */
export function asksNobody({ config, jobKinds }: OrgSnapshot): boolean {
  return (
    config.approvalPolicy === null &&
    config.priorityPolicy === null &&
    config.priorityFormula === null &&
    jobKinds.size === 0 &&
    isEmpty(config.headStarts)
  );
}

/** Whether a task names no policy that is asked before it is accepted. */
export function namesNobody({ terms }: Applicant): boolean {
  return terms === NO_TERMS || (terms.policies.approval === null && terms.policies.priority === null);
}

function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return false;
  return true;
}
