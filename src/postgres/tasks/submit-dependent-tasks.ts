import { TERMINAL_STATES, WAITING_STATES } from '../../domain/tasks/task-state.js';
import type { NewTask, SubmitOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeSubmitted, type SubmitRow, submitValues } from './submit-tasks.js';
import { MAX_ANCESTORS, type UrgedRow, urgedOf } from './urge-upstreams.js';

const SUBMIT_DEPENDENT_TASKS = loadStatement('./submit-dependent-tasks.sql', import.meta.url);

export function hasDependencies({ spec }: NewTask): boolean {
  return spec.dependencies.length > 0;
}

/** Submits tasks that depend on others; they are never born assigned. */
export async function submitDependentTasks(
  db: Database,
  tasks: readonly NewTask[],
): Promise<SubmitOutcome[]> {
  const values = [...submitValues(tasks), ...edgeValues(tasks)];
  const rows = await db.write<SubmitRow | UrgedRow>(SUBMIT_DEPENDENT_TASKS, values);
  const urged = urgedOf(
    rows.flatMap((row) => (row.kind === 'INHERITED' ? [row] : [])),
    tasks,
  );
  const outcomes = new Array<SubmitOutcome>(tasks.length);
  for (const row of rows) {
    if (row.kind === 'INHERITED') continue;
    const at = row.n - 1;
    outcomes[at] = decodeSubmitted(row, tasks[at] as NewTask, urged[at] ?? []);
  }
  return outcomes;
}

/**
 * $41 to $46 of the statements that submit tasks with their edges.
 *
 * @param counts whose edges are written
 */
export function edgeValues(
  tasks: readonly NewTask[],
  counts: (task: NewTask) => boolean = () => true,
): readonly unknown[] {
  const edges = tasks.flatMap((task, i) =>
    counts(task) ? task.spec.dependencies.map((d) => ({ ...d, n: i + 1 })) : [],
  );
  return [
    edges.map((e) => e.n),
    edges.map((e) => e.taskId),
    edges.map((e) => e.runAnyway),
    TERMINAL_STATES,
    WAITING_STATES,
    MAX_ANCESTORS,
  ];
}
