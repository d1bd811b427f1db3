import type { Task } from '../../domain/tasks/task.js';
import { isTerminal } from '../../domain/tasks/task-state.js';
import type { TaskPage, TaskQuery } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { getTasks } from './get-tasks.js';

const LIST_TASK_IDS = loadStatement('./list-task-ids.sql', import.meta.url);
const LIST_OPEN_TASK_IDS = loadStatement('./list-open-task-ids.sql', import.meta.url);
const LIST_CHILD_TASK_IDS = loadStatement('./list-child-task-ids.sql', import.meta.url);

/** Tasks looked at by one statement where not all match, so that writes need not wait long. */
const SLICE = 1_000;
/** Statements of one call; after that it answers with what it has. */
const SLICES = 4;

const ABOVE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

interface Row {
  readonly id: string;
  readonly matches: boolean;
  readonly visited: number;
}

export async function listTasks(db: Database, query: TaskQuery): Promise<TaskPage> {
  const ids: string[] = [];
  let beforeId = query.beforeId;
  let done = false;
  for (let slices = 0; slices < SLICES && ids.length < query.limit && !done; slices++) {
    const wanted = query.limit - ids.length;
    const size = isFiltered(query) ? SLICE : Math.min(wanted, SLICE);
    const rows = await readSlice(db, query, beforeId, size);
    const matching = rows.filter((row) => row.matches).map((row) => row.id);
    ids.push(...matching.slice(0, wanted));
    done = (rows[0]?.visited ?? 0) < size && matching.length <= wanted;
    beforeId = (matching.length > wanted ? ids.at(-1) : rows.at(-1)?.id) ?? beforeId;
  }
  const tasks = await getTasks(db, query.org, ids, query.view);
  return {
    tasks: tasks.filter((task): task is Task => task !== null && stillMatches(query, task)),
    beforeId: done ? null : beforeId,
  };
}

function readSlice(db: Database, query: TaskQuery, beforeId: string | null, size: number): Promise<Row[]> {
  const { org, states, kinds, labels, parentTaskId } = query;
  const values = [
    org,
    beforeId ?? ABOVE_ALL,
    size,
    states,
    kinds,
    JSON.stringify(labels),
    kinds.length > 0 || Object.keys(labels).length > 0,
  ];
  if (parentTaskId !== null) return db.read<Row>(LIST_CHILD_TASK_IDS, [...values, parentTaskId]);
  const open = states.length > 0 && !states.some(isTerminal);
  return db.read<Row>(open ? LIST_OPEN_TASK_IDS : LIST_TASK_IDS, values);
}

function isFiltered({ states, kinds, labels }: TaskQuery): boolean {
  return states.length > 0 || kinds.length > 0 || Object.keys(labels).length > 0;
}

/** It may have moved on between the two statements. */
function stillMatches({ states }: TaskQuery, task: Task): boolean {
  return states.length === 0 || states.includes(task.state);
}
