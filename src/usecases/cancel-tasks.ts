import type { Principal } from '../domain/access/principal.js';
import { ReeveError, taskNotFound } from '../domain/errors.js';
import type { Task } from '../domain/tasks/task.js';
import type { CancelOutcome } from '../ports/task-record.js';
import { moveDependents } from './move-dependents.js';
import type { Ports } from './ports.js';
import { wakeWorkflows } from './wake-workflows.js';

export interface CancelItem {
  readonly taskId: string;
  readonly reason: string;
  /** How long its agent has to stop. `null`: the setting's. */
  readonly graceMs: number | null;
  /** As in `CancelRequest`. */
  readonly series?: number;
}

/**
 * Cancels tasks: what waits is CANCELLED at once, what runs is CANCELLING until its agent
 * has stopped or the grace is over. One reply an item, in order: the task after it, without
 * its payloads, or why not.
 */
export const cancelTasks =
  (ports: Ports) =>
  async (principal: Principal, items: readonly CancelItem[]): Promise<readonly (Task | ReeveError)[]> => {
    const outcomes = await requestCancels(ports)(principal, items);
    const ids = items.map((item) => item.taskId);
    const tasks = await ports.record.getTasks(principal.org, ids, 'BASIC');
    return ids.map((id, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind === 'REFUSED') return taskEnded(id, outcome.state);
      return (outcome?.kind === 'OK' && tasks[i]) || taskNotFound(id);
    });
  };

/** The same without a look at the tasks after it. */
export const requestCancels =
  (ports: Ports) =>
  async (
    { org, subject: actor }: Pick<Principal, 'org' | 'subject'>,
    items: readonly CancelItem[],
  ): Promise<readonly CancelOutcome[]> => {
    const requests = items.map(({ taskId, reason, graceMs, ...meant }) => ({
      ...meant,
      org,
      taskId,
      reason,
      actor,
      graceMs: graceMs ?? ports.rules.cancelGraceMs,
    }));
    const outcomes = await ports.record.cancelTasks(requests);
    await ports.failpoints.hit('cancel.before-index');
    for (const [i, request] of requests.entries()) {
      const outcome = outcomes[i];
      if (outcome?.kind === 'OK' && outcome.changed) await carryOut(ports, request, outcome);
    }
    wakeWorkflows(
      ports,
      outcomes.flatMap((outcome) => (outcome.kind === 'OK' ? [outcome] : [])),
    );
    return outcomes;
  };

async function carryOut(
  ports: Ports,
  request: { readonly taskId: string; readonly reason: string; readonly graceMs: number },
  { change, epoch, agentId, dependents }: Extract<CancelOutcome, { kind: 'OK' }>,
): Promise<void> {
  const { org, taskId } = change;
  const { reason, graceMs } = request;
  if (change.state === 'CANCELLED') {
    await ports.index.remove([change]);
    await ports.deadlines.drop([change]);
  } else {
    await ports.index.hintLeases([{ org, taskId, epoch, due: ports.clock.now() + graceMs }]);
    if (agentId !== null) {
      ports.sessions.cancel([{ org, agentId, taskId, epoch, cause: 'CANCELLED', reason, graceMs }]);
    }
  }
  ports.changes.publish([change]);
  await moveDependents(ports, dependents);
}

function taskEnded(taskId: string, state: string): ReeveError {
  const message = `task ${taskId} has ended: it is ${state}`;
  return new ReeveError('FAILED_PRECONDITION', 'TASK_ENDED', message, {
    metadata: { task_id: taskId, state },
  });
}
