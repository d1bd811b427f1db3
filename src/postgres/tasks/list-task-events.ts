import type { TaskEvent } from '../../domain/tasks/task.js';
import type { TaskEventType, TaskState } from '../../domain/tasks/task-state.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeDecisions } from './decisions-column.js';

const LIST_TASK_EVENTS = loadStatement('./list-task-events.sql', import.meta.url);
const MAX = 1_000;

/** A row of a trail. */
export interface TaskEventRow {
  readonly task_id: string;
  readonly seq: number;
  readonly type: TaskEventType;
  readonly state: TaskState;
  readonly event_time: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  readonly agent_id: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export async function listTaskEvents(
  db: Database,
  org: string,
  taskId: string,
  afterSeq: number,
  limit: number,
): Promise<TaskEvent[]> {
  const rows = await db.read<TaskEventRow>(LIST_TASK_EVENTS, [org, taskId, afterSeq, Math.min(limit, MAX)]);
  return rows.map(decodeTaskEvent);
}

export function decodeTaskEvent(row: TaskEventRow): TaskEvent {
  return {
    taskId: row.task_id,
    seq: row.seq,
    type: row.type,
    state: row.state,
    eventTime: row.event_time,
    epoch: row.epoch,
    attempt: row.attempt,
    series: row.series,
    agentId: row.agent_id,
    actorSubjectId: row.actor,
    reason: row.reason,
    detail: detailOf(row),
  };
}

function detailOf({ type, detail }: TaskEventRow): TaskEvent['detail'] {
  if (type !== 'SUBMITTED' || !detail?.decisions) return detail ?? {};
  return { ...detail, decisions: decodeDecisions(detail.decisions as Parameters<typeof decodeDecisions>[0]) };
}
