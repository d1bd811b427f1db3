import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { UpdateOutcome, UpdateRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';
import { encodeRequirements } from './spec-columns.js';

const UPDATE_TASKS = loadStatement('./update-tasks.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'CHANGED_SINCE';
}

export function updateTasks(
  db: Database,
  requests: readonly UpdateRequest[],
): Promise<(UpdateOutcome | undefined)[]> {
  const [bodies] = packBytes([requests.map((r) => r.body)] as const);
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.seq),
    requests.map((r) => r.tier),
    requests.map((r) => r.headStartMs),
    requests.map((r) => JSON.stringify(r.labels)),
    requests.map((r) => encodeRequirements(r.requirements)),
    requests.map((r) => r.runAt),
    requests.map((r) => r.reschedules),
    requests.map((r) => r.deadline),
    bodies.bytes,
    bodies.starts,
    bodies.lengths,
    requests.map((r) => r.actor),
    requests.map((r) => JSON.stringify(r.detail)),
    statesThatAllow('UPDATED'),
  ];
  return runBatch(
    db,
    UPDATE_TASKS,
    values,
    requests,
    (row: Row, item): UpdateOutcome => (row.kind === 'OK' ? decodeChanged(row, item) : { kind: row.kind }),
  );
}

export function updateSize({ body }: UpdateRequest): number {
  return body.length;
}
