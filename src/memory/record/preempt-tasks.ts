import { MOST_PREEMPTIONS } from '../../domain/order/preemption.js';
import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { PreemptOutcome, PreemptRequest } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import type { Tables } from './tables.js';
import { changeOf, transition } from './transition.js';
import { earlier, onTasks, refused } from './verb.js';

export function preemptTasks(
  tables: Tables,
  requests: readonly PreemptRequest[],
  now: number,
): PreemptOutcome[] {
  return onTasks(tables, requests, now, (row, { epoch, graceMs, forTaskId }): PreemptOutcome => {
    if (row.epoch !== epoch) return refused(row);
    if (row.state === 'PREEMPTING') return outcome(row, false);
    if (!statesThatAllow('PREEMPTION_BEGUN').includes(row.state)) return refused(row);
    if (row.preemptions >= MOST_PREEMPTIONS) return { kind: 'TOO_OFTEN' };
    const leaseExpiresAt = earlier(row.leaseExpiresAt, now + graceMs);
    const said = { agentId: row.agentId, detail: { preempted_for: forTaskId } };
    transition(row, now, 'PREEMPTION_BEGUN', { state: 'PREEMPTING', leaseExpiresAt, reason: '' }, said);
    return outcome(row, true);
  });
}

function outcome(row: TaskRow, changed: boolean): PreemptOutcome {
  return { kind: 'OK', change: changeOf(row), agentId: row.agentId ?? '', changed };
}
