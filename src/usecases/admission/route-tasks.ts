import type { ReeveError } from '../../domain/errors.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Judged } from './applicant.js';

/** How the agents of tasks are found. One answer a task, in order; what is an error already stays it. */
export function routeApplicants(
  _ports: Ports,
  _snapshot: OrgSnapshot,
  judged: readonly (Judged | ReeveError)[],
): readonly (Judged | ReeveError)[] | Promise<readonly (Judged | ReeveError)[]> {
  return judged;
}
