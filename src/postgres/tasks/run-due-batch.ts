import type { TaskState } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ExpireOutcome } from '../../ports/task-record.js';
import type { Database, Statement } from '../database.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'NOT_DUE';
  readonly remaining_ms: number;
}

/**
 * Runs a statement over tasks that may be due on the record's clock.
 *
 * @param states those that allow it
 * @param columns of the statement between the ids and the states
 */
export function runDueBatch(
  db: Database,
  statement: Statement,
  requests: readonly TaskKey[],
  states: readonly TaskState[],
  columns: readonly (readonly unknown[])[] = [],
): Promise<(ExpireOutcome | undefined)[]> {
  const values = [requests.map((r) => r.org), requests.map((r) => r.taskId), ...columns, states];
  return runBatch(
    db,
    statement,
    values,
    requests,
    (row: Row, item, dependents): ExpireOutcome =>
      row.kind === 'OK'
        ? decodeChanged(row, item, dependents)
        : { kind: 'NOT_DUE', remainingMs: row.remaining_ms },
  );
}
