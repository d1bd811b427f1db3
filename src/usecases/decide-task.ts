import type { Principal } from '../domain/access/principal.js';
import { ReeveError, taskNotFound } from '../domain/errors.js';
import { APPROVAL_DUE, type Verdict } from '../domain/tasks/admission.js';
import type { Task } from '../domain/tasks/task.js';
import { isTerminal, type TaskState } from '../domain/tasks/task-state.js';
import type { TaskKey } from '../ports/ready-index.js';
import type { Changed, DecideRequest, ExpireOutcome } from '../ports/task-record.js';
import { followChains, settleEdges } from './move-dependents.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { wakeWorkflows } from './wake-workflows.js';

export interface DecideItem {
  readonly taskId: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** Events that are read at once. */
const TRAIL_PAGE = 1_000;

/**
 * A person's word on a task that waits for it. Answers with the task after it, without its payloads. The same word
 * again changes nothing.
 *
 * @throws NOT_FOUND; FAILED_PRECONDITION (TASK_NOT_AWAITING_APPROVAL)
 */
export const decideTask =
  (ports: Ports) =>
  async ({ org, subject: approver }: Principal, { taskId, verdict, reason }: DecideItem): Promise<Task> => {
    const [outcome] = await decide(ports, [{ org, taskId, verdict, reason, approver }]);
    if (outcome?.kind === 'NOT_FOUND') throw taskNotFound(taskId);
    if (outcome?.kind === 'REFUSED' && (await saidBefore(ports, { org, taskId })) !== verdict) {
      throw notAwaiting(taskId, outcome.state);
    }
    const [task] = await ports.record.getTasks(org, [taskId], 'BASIC');
    if (!task) throw taskNotFound(taskId);
    return task;
  };

/**
 * Gives the default verdicts on tasks whose time for a person's word is over on the record's clock.
 *
 * @returns how many were decided
 */
export const decideDueTasks =
  (ports: Ports) =>
  async (due: readonly TaskKey[]): Promise<number> => {
    if (due.length === 0) return 0;
    // Which verdict it is stands in the record.
    const requests = due.map(
      (key): DecideRequest => ({ ...key, verdict: 'REJECT', reason: APPROVAL_DUE, approver: null }),
    );
    const outcomes = await decide(ports, requests);
    return outcomes.filter(({ kind }) => kind === 'OK').length;
  };

async function decide(ports: Ports, requests: readonly DecideRequest[]): Promise<readonly ExpireOutcome[]> {
  const outcomes = await ports.record.decideTasks(requests);
  const changed = outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : []));
  await goOn(ports, changed);
  return outcomes;
}

/** What may run comes into its lane, what waits urges what it waits for, and who waited for what was rejected moves. */
async function goOn(ports: Ports, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  await placeTasks(ports, changed);
  wakeWorkflows(ports, changed);
  const changes = changed.map(({ change }) => change);
  const blocked = changes.filter(({ state }) => state === 'BLOCKED');
  if (blocked.length > 0) await placeTasks(ports, (await ports.record.urgeUpstreams(blocked)).flat());
  followChains(ports, [], blocked);
  await settleEdges(
    ports,
    changes.filter(({ state }) => isTerminal(state)),
  );
}

/** What was said of a task before; `null`: nothing. */
async function saidBefore({ record }: Ports, { org, taskId }: TaskKey): Promise<Verdict | null> {
  let said: Verdict | null = null;
  for (let after = 0; ; ) {
    const events = await record.listTaskEvents(org, taskId, after, TRAIL_PAGE);
    for (const { type } of events) {
      if (type === 'APPROVED') said = 'APPROVE';
      if (type === 'REJECTED') said = 'REJECT';
    }
    const last = events.at(-1);
    if (!last || events.length < TRAIL_PAGE) return said;
    after = last.seq;
  }
}

function notAwaiting(taskId: string, state: TaskState): ReeveError {
  const message = `task ${taskId} does not wait for approval: it is ${state}`;
  return new ReeveError('FAILED_PRECONDITION', 'TASK_NOT_AWAITING_APPROVAL', message, {
    metadata: { task_id: taskId, state },
  });
}
