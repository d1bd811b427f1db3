import type { RenewOutcome, RenewRequest } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { onTasks, refused, remaining } from './verb.js';

export function renewLeases(tables: Tables, requests: readonly RenewRequest[], now: number): RenewOutcome[] {
  return onTasks(tables, requests, now, (row, { epoch, agentId, leaseMs }): RenewOutcome => {
    if (row.epoch !== epoch || row.agentId !== agentId) return refused(row);
    if (row.state === 'CANCELLING' || row.state === 'PREEMPTING') {
      const cause = row.state === 'PREEMPTING' ? 'PREEMPTED' : 'CANCELLED';
      return { kind: 'CANCEL', cause, remainingMs: remaining(row.leaseExpiresAt ?? now, now, 0) };
    }
    // The other leased states have an end that is not to be put off.
    if (row.state !== 'ASSIGNED' && row.state !== 'RUNNING') return refused(row);
    row.leaseExpiresAt = now + leaseMs;
    return { kind: 'OK' };
  });
}
