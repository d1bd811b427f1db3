import type { TaskKey } from '../../ports/ready-index.js';
import type { Refusal } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import { findTask, type Tables } from './tables.js';

/** One item of a verb on the task it names. @param now ms since the epoch, the same for a whole call */
export type OnRow<Item, Outcome> = (row: TaskRow, item: Item, now: number) => Outcome;

/** Carries a verb out on every item, one after the other. */
export function onTasks<Item extends TaskKey, Outcome>(
  tables: Tables,
  items: readonly Item[],
  now: number,
  carryOut: OnRow<Item, Outcome>,
): (Outcome | Refusal)[] {
  return items.map((item) => {
    const row = findTask(tables, item);
    return row ? carryOut(row, item, now) : { kind: 'NOT_FOUND' };
  });
}

export function refused({ state, epoch }: TaskRow): Refusal {
  return { kind: 'REFUSED', state, epoch };
}

/** What remains until `due`, in whole ms. */
export function remaining(due: number, now: number, atLeast: number): number {
  return Math.ceil(Math.max(due - now, atLeast));
}

/** The earlier of two times, of which either may not be set. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
