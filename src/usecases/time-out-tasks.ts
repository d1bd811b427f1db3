import type { Deadline } from '../ports/deadlines.js';
import type { TaskVersion } from '../ports/ready-index.js';
import type { Changed } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

/** Ends tasks whose deadline has passed on the record's clock; agents that have one are told to stop. */
export const timeOutTasks =
  (ports: Ports) =>
  async (due: readonly TaskVersion[]): Promise<void> => {
    if (due.length === 0) return;
    const outcomes = await ports.record.timeOutTasks(due);
    const later: Deadline[] = [];
    const changed: Changed[] = [];
    due.forEach((key, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind === 'NOT_DUE') later.push({ ...key, due: ports.clock.now() + outcome.remainingMs });
      else if (outcome?.kind === 'OK') changed.push(outcome);
    });
    await ports.deadlines.watch(later);
    for (const { change, agentId, epoch } of changed) {
      if (agentId === null) continue;
      const { org, taskId } = change;
      const reason = 'the deadline of the task has passed';
      // A session that does not hold the claim ignores both.
      ports.sessions.cancel([{ org, agentId, taskId, epoch, cause: 'DEADLINE_PASSED', reason, graceMs: 0 }]);
      ports.sessions.revoke([{ org, agentId, taskId, epoch }]);
    }
    await ports.index.remove(changed.map(({ change }) => change));
    await applyChanges(ports, changed);
  };
