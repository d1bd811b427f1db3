import { isTerminal } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved, Refusal } from '../../ports/task-record.js';
import { batchesOf } from './batches.js';
import { reopenDependents, settleDependents, type Upstream } from './edges.js';
import type { TaskRow } from './rows.js';
import { findTask, type Tables } from './tables.js';

/**
 * One item of a verb on the task it names.
 *
 * @param now ms since the epoch, the same for a whole call
 * @param dependents for the outcome; filled with those that the change moves on
 */
export type OnRow<Item, Outcome> = (
  row: TaskRow,
  item: Item,
  now: number,
  dependents: readonly Moved[],
) => Outcome;

/** Carries a verb out on every item, then on what depends on the tasks that ended or are open again. */
export function onTasks<Item extends TaskKey, Outcome>(
  tables: Tables,
  items: readonly Item[],
  now: number,
  carryOut: OnRow<Item, Outcome>,
): (Outcome | Refusal)[] {
  const outcomes = new Array<Outcome | Refusal>(items.length).fill({ kind: 'NOT_FOUND' });
  for (const batch of batchesOf(items)) {
    const ended: Upstream[] = [];
    const revived: Upstream[] = [];
    const changed = new Set<TaskRow>();
    for (const { item, at } of batch) {
      const row = findTask(tables, item);
      if (!row) continue;
      const { state: before, seq } = row;
      const dependents: Moved[] = [];
      outcomes[at] = carryOut(row, item, now, dependents);
      if (row.seq === seq) continue;
      changed.add(row);
      if (isTerminal(row.state)) ended.push({ row, dependents });
      else if (isTerminal(before)) revived.push({ row, dependents });
    }
    settleDependents(tables, ended, now, changed);
    reopenDependents(tables, revived, now);
  }
  return outcomes;
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
