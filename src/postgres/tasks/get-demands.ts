import type { TaskKey } from '../../ports/ready-index.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import type { MovedRow } from './rows.js';

const GET_DEMANDS = loadStatement('./get-demands.sql', import.meta.url);

/** What the index goes by in a task's spec. */
type Demands = Pick<MovedRow, 'kind_of_task' | 'requirements'>;

export async function getDemands<Item extends TaskKey>(
  db: Database,
  tasks: readonly Item[],
): Promise<ReadonlyMap<Item, Demands>> {
  if (tasks.length === 0) return new Map();
  const rows = await db.read<Demands & { readonly n: number }>(GET_DEMANDS, [
    tasks.map((t) => t.org),
    tasks.map((t) => t.taskId),
  ]);
  return new Map(rows.map((row) => [tasks[row.n - 1] as Item, row]));
}
