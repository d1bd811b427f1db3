import { invalidArgument } from '../../domain/errors.js';
import type { TaskSpec } from '../../domain/tasks/task.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { SpecReader } from '../ports.js';
import { JOB_INVALID, missingFields } from './parse-jobs.js';

/**
 * An update takes nothing away that the task's kind asks for; what was missing before may be missing still.
 *
 * @throws INVALID_ARGUMENT (JOB_INVALID)
 */
export function keepRequired(
  specs: SpecReader,
  { jobKinds }: Pick<OrgSnapshot, 'jobKinds'>,
  before: TaskSpec,
  after: TaskSpec,
): void {
  const kind = jobKinds.get(after.kind);
  if (!kind) return;
  const had = new Set(missingFields(kind, before, specs).map(({ field }) => field));
  const lost = missingFields(kind, after, specs).filter(({ field }) => !had.has(field));
  if (lost.length > 0) throw invalidArgument(lost, JOB_INVALID);
}
