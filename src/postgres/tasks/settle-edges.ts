import { TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeDependents } from './changed.js';
import type { BatchRow } from './rows.js';
import { runBatch } from './run-batch.js';

const SETTLE_EDGES = loadStatement('./settle-edges.sql', import.meta.url);
const LIST_OPEN_UPSTREAMS = loadStatement('./list-open-upstreams.sql', import.meta.url);

export async function settleEdges(
  db: Database,
  upstreams: readonly TaskKey[],
): Promise<(readonly Moved[] | undefined)[]> {
  const values = [upstreams.map((u) => u.org), upstreams.map((u) => u.taskId), TERMINAL_STATES];
  const outcomes = await runBatch(
    db,
    SETTLE_EDGES,
    values,
    upstreams,
    (row: BatchRow, { org }, dependents) =>
      row.kind === 'LATER' ? undefined : decodeDependents(dependents, org),
  );
  return outcomes.map((outcome) => (outcome && 'kind' in outcome ? [] : outcome));
}

export async function listOpenUpstreams(db: Database, blocked: readonly TaskKey[]): Promise<TaskKey[]> {
  const values = [blocked.map((b) => b.org), blocked.map((b) => b.taskId)];
  const rows = await db.read<{ org: string; id: string }>(LIST_OPEN_UPSTREAMS, values);
  return rows.map(({ org, id }) => ({ org, taskId: id }));
}
