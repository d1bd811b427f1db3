import { WAITING_STATES } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeMoved } from './changed.js';
import type { MovedRow } from './rows.js';

const URGE_UPSTREAMS = loadStatement('./urge-upstreams.sql', import.meta.url);

/** Ancestors that a batch makes more urgent at most, besides those that its tasks name. */
export const MAX_ANCESTORS = 1_000;

/** A task that waits itself, and became more urgent for the sake of the `n`th of a batch. */
export interface UrgedRow extends Omit<MovedRow, 'run_time'> {
  readonly n: number;
  readonly kind: 'INHERITED';
  readonly task_id: string;
}

export async function urgeUpstreams(db: Database, blocked: readonly TaskKey[]): Promise<Moved[][]> {
  const [orgs, ids] = [blocked.map((b) => b.org), blocked.map((b) => b.taskId)];
  const rows = await db.write<UrgedRow>(URGE_UPSTREAMS, [orgs, ids, WAITING_STATES, MAX_ANCESTORS]);
  return urgedOf(rows, blocked);
}

/** The tasks that became more urgent, for each of a batch. */
export function urgedOf(rows: readonly UrgedRow[], batch: readonly TaskKey[]): Moved[][] {
  const urged = batch.map((): Moved[] => []);
  for (const row of rows) {
    const key = { org: batch[row.n - 1]?.org ?? '', taskId: row.task_id };
    // What is SCHEDULED keeps its time.
    urged[row.n - 1]?.push(decodeMoved({ ...row, run_time: null }, key));
  }
  return urged;
}
