import { isLeased, statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { ExpireOutcome, ExpireRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';

const EXPIRE_LEASES = loadStatement('./expire-leases.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'NOT_DUE';
  readonly remaining_ms: number;
}

export function expireLeases(
  db: Database,
  requests: readonly ExpireRequest[],
): Promise<(ExpireOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.cause),
    requests.map((r) => r.afterFailure.to),
    requests.map((r) => r.afterFailure.delayMs),
    requests.map((r) => r.afterReturn),
    statesThatAllow('RETURNED'),
    statesThatAllow('ATTEMPT_TIMED_OUT'),
    statesThatAllow('CANCELLED').filter(isLeased),
    TERMINAL_STATES,
    statesThatAllow('PREEMPTED'),
  ];
  return runBatch(db, EXPIRE_LEASES, values, requests, (row: Row, item, dependents): ExpireOutcome => {
    return row.kind === 'OK'
      ? decodeChanged(row, item, dependents)
      : { kind: 'NOT_DUE', remainingMs: row.remaining_ms };
  });
}
