import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { ReturnRequest, TransitionOutcome } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { afterLease, changedOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function returnTasks(
  tables: Tables,
  requests: readonly ReturnRequest[],
  now: number,
): TransitionOutcome[] {
  return onTasks(tables, requests, now, (row, request, _now, dependents): TransitionOutcome => {
    const { epoch, agentId, to, reason: cause } = request;
    const mine = row.epoch === epoch && (agentId === null || row.agentId === agentId);
    if (!mine || !statesThatAllow('RETURNED').includes(row.state)) return refused(row);
    const reason = to === 'DEAD_LETTER' ? 'UNDELIVERABLE' : cause;
    const patch = { ...afterLease(to, now), attempt: row.attempt - 1, reason };
    const said = { agentId: row.agentId, reason, ...(reason !== cause && { detail: { cause } }) };
    transition(row, now, 'RETURNED', patch, said);
    return changedOf(row, dependents);
  });
}
