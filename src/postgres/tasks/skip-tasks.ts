import type { SkipRequest, UpdateOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';

const SKIP_TASKS = loadStatement('./skip-tasks.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'CHANGED_SINCE';
}

export function skipTasks(
  db: Database,
  requests: readonly SkipRequest[],
): Promise<(UpdateOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.seq),
    requests.map((r) => r.reason),
    requests.map(({ decision }) => (decision ? JSON.stringify({ decision }) : null)),
    // A task that waits for others is skipped because of them only.
    ['QUEUED'],
  ];
  return runBatch(
    db,
    SKIP_TASKS,
    values,
    requests,
    (row: Row, item, dependents): UpdateOutcome =>
      row.kind === 'OK' ? decodeChanged(row, item, dependents) : { kind: row.kind },
  );
}
