import type { TaskState } from '../../domain/tasks/task-state.js';
import type { RenewOutcome, RenewRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import type { BatchRow } from './rows.js';
import { runBatch } from './run-batch.js';

const RENEW_LEASES = loadStatement('./renew-leases.sql', import.meta.url);

/** The other leased states have an end that is not to be put off. */
const RENEWABLE: readonly TaskState[] = ['ASSIGNED', 'RUNNING'];

interface Row extends BatchRow {
  readonly kind: 'OK' | 'CANCEL';
  readonly remaining_ms: number;
}

export function renewLeases(
  db: Database,
  requests: readonly RenewRequest[],
): Promise<(RenewOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.leaseMs),
    RENEWABLE,
  ];
  return runBatch(db, RENEW_LEASES, values, requests, (row: Row): RenewOutcome => {
    if (row.kind === 'OK') return { kind: 'OK' };
    const cause = row.state === 'PREEMPTING' ? 'PREEMPTED' : 'CANCELLED';
    return { kind: 'CANCEL', cause, remainingMs: row.remaining_ms };
  });
}
