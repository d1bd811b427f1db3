import { byOrg } from '../../domain/by-org.js';
import { ReeveError } from '../../domain/errors.js';
import type { Admission } from '../../domain/tasks/admission.js';
import type { SubmitOutcome } from '../../ports/task-record.js';
import type { Ports } from '../ports.js';
import { NO_ELIGIBLE_AGENT } from './route-tasks.js';

/** Why tasks were rejected, by their ids. */
type Reasons = ReadonlyMap<string, string>;

const NONE: Reasons = new Map();

/** Reasons of tasks that were rejected when they were first submitted, for those whose submission was repeated. */
export async function rejectedBefore(
  { record }: Pick<Ports, 'record'>,
  outcomes: readonly SubmitOutcome[],
): Promise<Reasons> {
  const repeated = outcomes.flatMap((outcome) =>
    outcome.kind === 'ALREADY_SUBMITTED' && wasRejected(outcome) ? [outcome.change] : [],
  );
  if (repeated.length === 0) return NONE;
  const reasons = new Map<string, string>();
  for (const [org, ofOrg] of byOrg(repeated)) {
    const ids = ofOrg.map(({ taskId }) => taskId);
    const tasks = await record.getTasks(org, ids, 'BASIC');
    for (const task of tasks) if (task) reasons.set(task.taskId, task.reason);
  }
  return reasons;
}

/** The error that a rejected submission is answered with, and each repeat of it; `null`: it was not rejected. */
export function rejection(outcome: SubmitOutcome, admission: Admission, before: Reasons): ReeveError | null {
  if (outcome.kind === 'SUBMITTED' && admission.kind === 'REJECTED') {
    return rejectedByPolicy(outcome.change.taskId, admission.reason);
  }
  if (outcome.kind !== 'ALREADY_SUBMITTED' || !wasRejected(outcome)) return null;
  const { taskId } = outcome.change;
  return rejectedByPolicy(taskId, before.get(taskId) ?? '');
}

/** Rejected when it was submitted: what a person rejected was submitted, and is answered as it is now. */
function wasRejected({ change }: Extract<SubmitOutcome, { kind: 'ALREADY_SUBMITTED' }>): boolean {
  return change.state === 'REJECTED' && change.seq === 1;
}

/** Of what no policy rejected, the reason says it: nobody is there who may get it. */
function rejectedByPolicy(taskId: string, reason: string): ReeveError {
  const message = `task ${taskId} was rejected: ${reason}`;
  const metadata = { task_id: taskId, policy_reason: reason };
  const code = reason.startsWith(NO_ELIGIBLE_AGENT) ? NO_ELIGIBLE_AGENT : 'REJECTED_BY_POLICY';
  return new ReeveError('FAILED_PRECONDITION', code, message, { metadata });
}
