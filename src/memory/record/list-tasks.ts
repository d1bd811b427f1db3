import type { Slice } from '../../domain/operations/progress.js';
import { isChosen } from '../../domain/tasks/task-filter.js';
import { isLeased, isTerminal } from '../../domain/tasks/task-state.js';
import type {
  OpenTask,
  OpenTaskCursor,
  OpenTaskPage,
  ScanQuery,
  TaskPage,
  TaskQuery,
} from '../../ports/task-reads.js';
import { taskOf } from './get-tasks.js';
import type { TaskRow } from './rows.js';
import type { Tables } from './tables.js';
import { readyOf } from './transition.js';
import { earlier, remaining } from './verb.js';

/** Tasks that one page looks at, so that its length is bounded however few match. */
const LOOK = 4_000;
const MAX_OPEN = 1_000;
const MAX_SCANNED = 1_000;

export function scanTasks(tables: Tables, { org, filter, beforeId, limit }: ScanQuery): Slice {
  const all = newestFirst(tables, { org, filter, beforeId });
  const slice = all.slice(0, Math.min(limit, MAX_SCANNED));
  const chosen = slice
    .filter((row) => isChosen(filter, taskOf(tables, row, 'BASIC')))
    .map(({ taskId, state, spec }) => ({ taskId, state, kind: spec.kind }));
  return { chosen, beforeId: slice.length < all.length ? (slice.at(-1)?.taskId ?? null) : null };
}

/** Of the org and below the id, and parts of the filter's parent and workflow if it names them. */
function newestFirst(
  tables: Tables,
  { org, beforeId, filter }: Pick<TaskQuery, 'org' | 'beforeId' | 'filter'>,
): readonly TaskRow[] {
  return [...tables.tasks.values()]
    .filter((row) => row.org === org && (beforeId === null || row.taskId < beforeId))
    .filter(({ workflow }) => filter.workflowId === null || workflow?.workflowId === filter.workflowId)
    .filter(({ spec }) => filter.parentTaskId === null || spec.parentTaskId === filter.parentTaskId)
    .sort((a, b) => (a.taskId < b.taskId ? 1 : -1));
}

export function listTasks(tables: Tables, query: TaskQuery): TaskPage {
  const { limit, view, filter, beforeId } = query;
  const all = newestFirst(tables, query);
  const found: TaskRow[] = [];
  let looked = 0;
  for (; looked < Math.min(all.length, LOOK) && found.length < limit; looked++) {
    const row = all[looked];
    if (row && isChosen(filter, taskOf(tables, row, 'BASIC'))) found.push(row);
  }
  return {
    tasks: found.map((row) => taskOf(tables, row, view)),
    beforeId: looked < all.length ? (all[looked - 1]?.taskId ?? beforeId) : null,
  };
}

export function listOpenTasks(
  tables: Tables,
  cursor: OpenTaskCursor | null,
  limit: number,
  now: number,
): OpenTaskPage {
  const atMost = Math.min(limit, MAX_OPEN);
  const page = [...tables.tasks.values()]
    .filter((row) => !isTerminal(row.state) && (cursor === null || compare(row, cursor) > 0))
    .sort(compare)
    .slice(0, atMost);
  const last = page.at(-1);
  return {
    tasks: page.map((row) => openTaskOf(row, now)),
    cursor: last && page.length === atMost ? { org: last.org, taskId: last.taskId } : null,
  };
}

function openTaskOf(row: TaskRow, now: number): OpenTask {
  const { state, epoch, agentId, runTime, leaseExpiresAt, attemptDeadline } = row;
  const ends = state === 'CANCELLING' ? leaseExpiresAt : earlier(leaseExpiresAt, attemptDeadline);
  const leaseRemainingMs = isLeased(state) ? remaining(ends ?? now, now, 0) : null;
  const { deadline } = row.spec;
  return { state, ready: readyOf(row), epoch, agentId, runTime, deadline, leaseRemainingMs };
}

function compare(a: OpenTaskCursor, b: OpenTaskCursor): number {
  if (a.org !== b.org) return a.org < b.org ? -1 : 1;
  return a.taskId === b.taskId ? 0 : a.taskId < b.taskId ? -1 : 1;
}
