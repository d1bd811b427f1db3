import type { TaskKey } from '../../ports/ready-index.js';
import type { Refusal } from '../../ports/task-record.js';
import type { Database, Statement } from '../database.js';
import { loadStatement } from '../statement.js';
import type { BatchRow, DependentRow } from './rows.js';

const FIND_TASKS = loadStatement('./find-tasks.sql', import.meta.url);

/**
 * Runs a statement over a batch and puts its rows in the order of the items.
 *
 * @param decode for rows that are neither REFUSED nor MISSING
 * @returns `undefined` for tasks that exist but are locked by somebody else
 */
export async function runBatch<Item extends TaskKey, Row extends BatchRow, Outcome>(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
  items: readonly Item[],
  decode: (row: Row, item: Item, dependents: readonly DependentRow[]) => Outcome,
): Promise<(Outcome | Refusal | undefined)[]> {
  const rows = await db.write<Row>(statement, values);
  const outcomes: (Outcome | Refusal | undefined)[] = new Array(items.length).fill(undefined);
  const missing: number[] = [];
  const dependents = dependentsIn(rows);
  for (const row of rows) {
    const index = row.n - 1;
    if (row.kind === 'DEPENDENT') continue;
    if (row.kind === 'MISSING') missing.push(index);
    else if (row.kind === 'REFUSED')
      outcomes[index] = { kind: 'REFUSED', state: row.state, epoch: row.epoch };
    else outcomes[index] = decode(row, items[index] as Item, dependents.get(row.n) ?? NONE);
  }
  if (missing.length > 0) {
    const sought = missing.map((index) => items[index] as Item);
    const found = await findTasks(db, sought);
    for (const [i, index] of missing.entries()) if (!found.has(i)) outcomes[index] = { kind: 'NOT_FOUND' };
  }
  return outcomes;
}

const NONE: readonly DependentRow[] = [];

/** By the number of the item that moved them on. */
function dependentsIn(rows: readonly BatchRow[]): ReadonlyMap<number, DependentRow[]> {
  const found = new Map<number, DependentRow[]>();
  for (const row of rows) {
    if (row.kind !== 'DEPENDENT') continue;
    const list = found.get(row.n);
    if (list) list.push(row as DependentRow);
    else found.set(row.n, [row as DependentRow]);
  }
  return found;
}

/** Which of the tasks there are, locked or not, by their place in the list. */
async function findTasks(db: Database, keys: readonly TaskKey[]): Promise<Set<number>> {
  const rows = await db.read<{ n: number }>(FIND_TASKS, [keys.map((k) => k.org), keys.map((k) => k.taskId)]);
  return new Set(rows.map((row) => row.n - 1));
}
