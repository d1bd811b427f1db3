import { isLeased, statesThatAllow } from '../../domain/tasks/task-state.js';
import type { CancelOutcome, CancelRequest, Moved } from '../../ports/task-record.js';
import { closeApproval } from './approvals.js';
import type { TaskRow } from './rows.js';
import type { Tables } from './tables.js';
import { changeOf, transition } from './transition.js';
import { earlier, onTasks, refused } from './verb.js';

export function cancelTasks(
  tables: Tables,
  requests: readonly CancelRequest[],
  now: number,
): CancelOutcome[] {
  return onTasks(tables, requests, now, (row, request, _now, dependents): CancelOutcome => {
    const { graceMs, reason, actor, series = row.series } = request;
    if (row.series !== series) return refused(row);
    if (statesThatAllow('CANCEL_REQUESTED').includes(row.state)) {
      const leaseExpiresAt = earlier(row.leaseExpiresAt, now + graceMs);
      const said = { actor, reason, agentId: row.agentId };
      transition(row, now, 'CANCEL_REQUESTED', { state: 'CANCELLING', leaseExpiresAt, reason }, said);
      return outcome(row, true, dependents);
    }
    if (!isLeased(row.state) && statesThatAllow('CANCELLED').includes(row.state)) {
      if (row.state === 'AWAITING_APPROVAL') closeApproval(tables, row);
      const patch = { state: 'CANCELLED', runTime: null, finishTime: now, reason } as const;
      transition(row, now, 'CANCELLED', patch, { actor, reason });
      return outcome(row, true, dependents);
    }
    return row.state === 'CANCELLING' || row.state === 'CANCELLED'
      ? outcome(row, false, dependents)
      : refused(row);
  });
}

function outcome(row: TaskRow, changed: boolean, dependents: readonly Moved[]): CancelOutcome {
  const { epoch, state, agentId, workflow } = row;
  const holder = state === 'CANCELLING' ? agentId : null;
  return {
    kind: 'OK',
    change: changeOf(row),
    epoch,
    agentId: holder,
    changed,
    dependents,
    ...(workflow && { workflowId: workflow.workflowId }),
  };
}
