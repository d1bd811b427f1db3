import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { ExpireOutcome, PromoteRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { type ChangedRow, decodeChanged } from './changed.js';
import { runBatch } from './run-batch.js';

const PROMOTE_TASKS = loadStatement('./promote-tasks.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'NOT_DUE';
  readonly remaining_ms: number;
}

export function promoteTasks(
  db: Database,
  requests: readonly PromoteRequest[],
): Promise<(ExpireOutcome | undefined)[]> {
  const values = [requests.map((r) => r.org), requests.map((r) => r.taskId), statesThatAllow('QUEUED')];
  return runBatch(db, PROMOTE_TASKS, values, requests, (row: Row, item): ExpireOutcome => {
    return row.kind === 'OK' ? decodeChanged(row, item) : { kind: 'NOT_DUE', remainingMs: row.remaining_ms };
  });
}
