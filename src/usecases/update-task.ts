import type { Principal } from '../domain/access/principal.js';
import { ReeveError, taskNotFound } from '../domain/errors.js';
import { recorded } from '../domain/policies/decision.js';
import type { Task } from '../domain/tasks/task.js';
import { statesThatAllow } from '../domain/tasks/task-state.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { UpdateRequest } from '../ports/task-record.js';
import type { Applicant } from './admission/applicant.js';
import { approveAgain } from './admission/approve-again.js';
import { keepRequired } from './admission/keep-required.js';
import { rankAgain } from './admission/rank-again.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { rerouted } from './rerouted.js';

/** What a task is to be, made from what it is. */
export type Revision = Pick<
  UpdateRequest,
  'tier' | 'labels' | 'requirements' | 'runAt' | 'reschedules' | 'deadline' | 'body' | 'detail'
>;

export interface UpdateItem {
  readonly taskId: string;
  /** Of the task as the caller read it. `null`: whatever it is. */
  readonly seq: number | null;
  revise(task: Task): Revision;
}

/** How often a task that changes meanwhile is read again. */
const TRIES = 5;

/**
 * Changes a task that waits. Answers with the task after it, without its payloads.
 *
 * @throws NOT_FOUND; FAILED_PRECONDITION (TASK_NOT_WAITING, REJECTED_BY_POLICY); ABORTED (ETAG_MISMATCH) if it is not as
 *   the caller read it
 */
export const updateTask =
  (ports: Ports) =>
  async (principal: Principal, { taskId, seq, revise }: UpdateItem): Promise<Task> => {
    const { org, subject: actor } = principal;
    const { record, deadlines } = ports;
    const snapshot = await ports.orgRules.of(org);
    for (let tries = 0; tries < TRIES; tries++) {
      const [task] = await record.getTasks(org, [taskId], 'FULL');
      if (!task) throw taskNotFound(taskId);
      if (seq !== null && seq !== task.seq) throw changedSince(taskId);
      if (!statesThatAllow('UPDATED').includes(task.state)) throw notWaiting(taskId, task.state);

      const asked = revise(task);
      const revision = { ...asked, requirements: await rerouted(ports, task, asked) };
      const before = revised(ports, task, task.spec);
      const applicant = revised(ports, task, revision);
      keepRequired(ports.specs, snapshot, before.spec, applicant.spec);
      const waits = task.state === 'AWAITING_APPROVAL';
      const approvals = await approveAgain(ports, snapshot, { before, after: applicant, waits });
      const rank = await rankAgain(ports, snapshot, applicant);
      const { headStartMs } = rank;
      const decisions = [...approvals, ...rank.decisions].map(recorded);
      const detail = decisions.length > 0 ? { ...revision.detail, decisions } : revision.detail;
      const request = { org, taskId, seq: task.seq, actor, headStartMs, ...revision, detail };
      const [outcome] = await record.updateTasks([request]);
      if (outcome?.kind === 'REFUSED') throw notWaiting(taskId, outcome.state);
      if (outcome?.kind === 'NOT_FOUND') throw taskNotFound(taskId);
      if (outcome?.kind !== 'OK') continue;

      await placeTasks(ports, [outcome]);
      if (revision.deadline === null) await deadlines.drop([outcome.change]);
      else await deadlines.watch([{ ...outcome.change, due: revision.deadline }]);
      await urge(ports, outcome.change);
      const [after] = await record.getTasks(org, [taskId], 'BASIC');
      if (!after) throw taskNotFound(taskId);
      return after;
    }
    throw changedSince(taskId);
  };

/** The task as it is to be, as its policies see it. */
function revised(
  { specs }: Ports,
  { taskId, spec, createTime }: Task,
  revision: Pick<Revision, 'tier' | 'labels' | 'requirements' | 'runAt' | 'deadline' | 'body'>,
): Applicant {
  const { tier, labels, requirements, runAt, deadline, body } = revision;
  const after = { ...spec, tier, labels, requirements, runAt, deadline, body };
  return { taskId, spec: after, terms: specs.termsOf(body), requireCandidate: false, createTime };
}

/** What it waits for becomes as urgent as it is now; a repeat of the update makes up for one that was cut off. */
async function urge(ports: Ports, change: TaskChange): Promise<void> {
  if (change.state !== 'BLOCKED') return;
  const [urged = []] = await ports.record.urgeUpstreams([change]);
  await placeTasks(ports, urged);
}

function notWaiting(taskId: string, state: string): ReeveError {
  const message = `task ${taskId} does not wait any more: it is ${state}`;
  return new ReeveError('FAILED_PRECONDITION', 'TASK_NOT_WAITING', message, {
    metadata: { task_id: taskId, state },
  });
}

function changedSince(taskId: string): ReeveError {
  const message = `task ${taskId} has changed since it was read`;
  return new ReeveError('ABORTED', 'ETAG_MISMATCH', message, { metadata: { task_id: taskId } });
}
