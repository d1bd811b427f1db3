import type { TaskEvent } from '../../domain/tasks/task.js';
import type { TaskTrails } from '../../ports/task-trails.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeTaskEvent, type TaskEventRow } from './list-task-events.js';

const LIST_CHANGES_EVENTS = loadStatement('./list-changes-events.sql', import.meta.url);
/** How many changes one statement looks at. */
const AT_ONCE = 1_000;

interface Row extends TaskEventRow {
  /** The change's place, from 1. */
  readonly n: number;
}

export function createTaskTrails(db: Database): TaskTrails {
  return {
    async readChanges(changes) {
      const found: TaskEvent[][] = changes.map(() => []);
      for (let from = 0; from < changes.length; from += AT_ONCE) {
        const some = changes.slice(from, from + AT_ONCE);
        const rows = await db.read<Row>(LIST_CHANGES_EVENTS, [
          some.map(({ org }) => org),
          some.map(({ taskId }) => taskId),
          some.map(({ seq }) => seq),
        ]);
        for (const row of rows) found[from + row.n - 1]?.push(decodeTaskEvent(row));
      }
      return found;
    },
  };
}
