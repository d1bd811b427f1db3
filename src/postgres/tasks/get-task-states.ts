import type { TaskState } from '../../domain/tasks/task-state.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const GET_TASK_STATES = loadStatement('./get-task-states.sql', import.meta.url);

/** How many tasks one statement looks at. */
const AT_ONCE = 1_000;

export async function getTaskStates(
  db: Database,
  org: string,
  ids: readonly string[],
): Promise<(TaskState | null)[]> {
  const states: (TaskState | null)[] = new Array(ids.length).fill(null);
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const rows = await db.read<{ readonly n: number; readonly state: TaskState }>(GET_TASK_STATES, [
      org,
      ids.slice(from, from + AT_ONCE),
    ]);
    for (const row of rows) states[from + row.n - 1] = row.state;
  }
  return states;
}
