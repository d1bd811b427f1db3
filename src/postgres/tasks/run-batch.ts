import type { TaskState } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Refusal } from '../../ports/task-record.js';
import type { Database, Statement } from '../database.js';
import { loadStatement } from '../statement.js';

/** What every batch statement answers: one row an input. */
export interface BatchRow {
  /** Which input, from 1. */
  readonly n: number;
  readonly kind: string;
  readonly state: TaskState;
  readonly epoch: number;
}

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
  decode: (row: Row, item: Item) => Outcome,
): Promise<(Outcome | Refusal | undefined)[]> {
  const rows = await db.write<Row>(statement, values);
  const outcomes: (Outcome | Refusal | undefined)[] = new Array(items.length).fill(undefined);
  const missing: number[] = [];
  for (const row of rows) {
    const index = row.n - 1;
    if (row.kind === 'MISSING') missing.push(index);
    else if (row.kind === 'REFUSED')
      outcomes[index] = { kind: 'REFUSED', state: row.state, epoch: row.epoch };
    else outcomes[index] = decode(row, items[index] as Item);
  }
  if (missing.length > 0) {
    const sought = missing.map((index) => items[index] as Item);
    const found = await findTasks(db, sought);
    for (const [i, index] of missing.entries()) if (!found.has(i)) outcomes[index] = { kind: 'NOT_FOUND' };
  }
  return outcomes;
}

/** Which of the tasks there are, locked or not, by their place in the list. */
async function findTasks(db: Database, keys: readonly TaskKey[]): Promise<Set<number>> {
  const rows = await db.read<{ n: number }>(FIND_TASKS, [keys.map((k) => k.org), keys.map((k) => k.taskId)]);
  return new Set(rows.map((row) => row.n - 1));
}
