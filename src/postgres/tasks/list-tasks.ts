import type { Task } from '../../domain/tasks/task.js';
import { isChosen, type TaskFilter } from '../../domain/tasks/task-filter.js';
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
const BELOW_ALL = '00000000-0000-0000-0000-000000000000';

/** A task's id may have been made somewhat before or after its `create_time`. */
const SLACK_MS = 60_000;

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
    const size = isFiltered(query.filter) ? SLICE : Math.min(wanted, SLICE);
    const rows = await readSlice(db, query, beforeId, size);
    const matching = rows.filter((row) => row.matches).map((row) => row.id);
    ids.push(...matching.slice(0, wanted));
    done = (rows[0]?.visited ?? 0) < size && matching.length <= wanted;
    beforeId = (matching.length > wanted ? ids.at(-1) : rows.at(-1)?.id) ?? beforeId;
  }
  const tasks = await getTasks(db, query.org, ids, query.view);
  return {
    tasks: tasks.filter((task): task is Task => task !== null && isChosen(query.filter, task)),
    beforeId: done ? null : beforeId,
  };
}

function readSlice(db: Database, query: TaskQuery, beforeId: string | null, size: number): Promise<Row[]> {
  const { org, filter } = query;
  const { states, kinds, labels, sources, submitterSubjectIds, parentTaskId } = filter;
  const values = [
    org,
    beforeId ?? firstIdOf(filter.createdBefore, +SLACK_MS) ?? ABOVE_ALL,
    size,
    firstIdOf(filter.createdFrom, -SLACK_MS) ?? BELOW_ALL,
    states,
    filter.tiers,
    filter.agentIds,
    filter.createdFrom,
    filter.createdBefore,
    filter.finishedFrom,
    filter.finishedBefore,
    asksOfSpec(filter),
    kinds,
    JSON.stringify(labels),
    sources,
    submitterSubjectIds,
  ];
  if (parentTaskId !== null) return db.read<Row>(LIST_CHILD_TASK_IDS, [...values, parentTaskId]);
  const open = states.length > 0 && !states.some(isTerminal);
  return db.read<Row>(open ? LIST_OPEN_TASK_IDS : LIST_TASK_IDS, values);
}

/** The lowest id that could have been made then: ids begin with their time. */
function firstIdOf(ms: number | null, slackMs: number): string | null {
  if (ms === null) return null;
  const hex = Math.min(Math.max(ms + slackMs, 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

function asksOfSpec({ kinds, labels, sources, submitterSubjectIds }: TaskFilter): boolean {
  return [kinds, Object.keys(labels), sources, submitterSubjectIds].some((values) => values.length > 0);
}

/** Whether tasks may be visited that are not chosen; a sub-task of the parent always is. */
function isFiltered(filter: TaskFilter): boolean {
  const { states, tiers, agentIds, createdFrom, createdBefore, finishedFrom, finishedBefore } = filter;
  const times = [createdFrom, createdBefore, finishedFrom, finishedBefore];
  return (
    asksOfSpec(filter) ||
    [states, tiers, agentIds].some((values) => values.length > 0) ||
    times.some((time) => time !== null)
  );
}
