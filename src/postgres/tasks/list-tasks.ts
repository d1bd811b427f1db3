import type { Slice } from '../../domain/operations/progress.js';
import type { Task } from '../../domain/tasks/task.js';
import { isChosen, type TaskFilter } from '../../domain/tasks/task-filter.js';
import { isTerminal, type TaskState } from '../../domain/tasks/task-state.js';
import type { ScanQuery, TaskPage, TaskQuery } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { getTasks } from './get-tasks.js';

const LIST_TASK_IDS = loadStatement('./list-task-ids.sql', import.meta.url);
const LIST_OPEN_TASK_IDS = loadStatement('./list-open-task-ids.sql', import.meta.url);
const LIST_WORKFLOW_TASK_IDS = loadStatement('./list-workflow-task-ids.sql', import.meta.url);
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
  readonly state: TaskState;
  /** `null` unless the spec was read. */
  readonly kind: string | null;
}

export async function listTasks(db: Database, query: TaskQuery): Promise<TaskPage> {
  const ids: string[] = [];
  let beforeId = query.beforeId;
  let done = false;
  for (let slices = 0; slices < SLICES && ids.length < query.limit && !done; slices++) {
    const wanted = query.limit - ids.length;
    const size = isFiltered(query.filter) ? SLICE : Math.min(wanted, SLICE);
    const rows = await readSlice(db, query, beforeId, size, asksOfSpec(query.filter));
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

/** The tasks among the next `limit` that the filter chooses. */
export async function scanTasks(db: Database, query: ScanQuery): Promise<Slice> {
  const { filter, beforeId, withKinds } = query;
  const size = Math.min(query.limit, SLICE);
  const rows = await readSlice(db, query, beforeId, size, withKinds || asksOfSpec(filter));
  const chosen = rows.filter((row) => row.matches);
  return {
    chosen: chosen.map(({ id, state, kind }) => ({ taskId: id, state, kind: kind ?? '' })),
    beforeId: (rows[0]?.visited ?? 0) < size ? null : (rows.at(-1)?.id ?? null),
  };
}

function readSlice(
  db: Database,
  { org, filter }: Pick<TaskQuery, 'org' | 'filter'>,
  beforeId: string | null,
  size: number,
  readsSpec: boolean,
): Promise<Row[]> {
  const { states, kinds, labels, sources, submitterSubjectIds, parentTaskId, workflowId } = filter;
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
    readsSpec,
    kinds,
    JSON.stringify(labels),
    sources,
    submitterSubjectIds,
    workflowId,
  ];
  if (parentTaskId !== null) return db.read<Row>(LIST_CHILD_TASK_IDS, [...values, parentTaskId]);
  if (workflowId !== null) return db.read<Row>(LIST_WORKFLOW_TASK_IDS, values);
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

/** Whether tasks may be visited that are not chosen; one of the parent, or else of the workflow, always is. */
function isFiltered(filter: TaskFilter): boolean {
  if (filter.parentTaskId !== null && filter.workflowId !== null) return true;
  const { states, tiers, agentIds, createdFrom, createdBefore, finishedFrom, finishedBefore } = filter;
  const times = [createdFrom, createdBefore, finishedFrom, finishedBefore];
  return (
    asksOfSpec(filter) ||
    [states, tiers, agentIds].some((values) => values.length > 0) ||
    times.some((time) => time !== null)
  );
}
