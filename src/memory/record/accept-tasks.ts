import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { AcceptRequest, LeaseOutcome } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { changeOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function acceptTasks(tables: Tables, requests: readonly AcceptRequest[], now: number): LeaseOutcome[] {
  return onTasks(tables, requests, now, (row, { epoch, agentId, leaseMs }): LeaseOutcome => {
    if (row.epoch !== epoch || row.agentId !== agentId) return refused(row);
    if (row.state === 'RUNNING') return { kind: 'OK', change: changeOf(row) };
    if (!statesThatAllow('ACCEPTED').includes(row.state)) return refused(row);
    const { attemptTimeoutMs } = row.spec;
    const attemptDeadline = attemptTimeoutMs === null ? null : now + attemptTimeoutMs;
    const lease = { leaseExpiresAt: now + leaseMs, attemptDeadline };
    transition(row, now, 'ACCEPTED', { state: 'RUNNING', ...lease }, { agentId });
    return { kind: 'OK', change: changeOf(row) };
  });
}
