import type { TaskState } from '../../domain/tasks/task-state.js';
import type { OpenTask, OpenTaskCursor, OpenTaskPage } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeReady } from './changed.js';
import type { ReadyColumns } from './rows.js';
import type { RequirementsColumn } from './spec-columns.js';

const LIST_OPEN_TASKS = loadStatement('./list-open-tasks.sql', import.meta.url);
const MAX = 1_000;

/** Below every (org, id): no org has an empty name. */
const BEGIN: OpenTaskCursor = { org: '', taskId: '00000000-0000-0000-0000-000000000000' };

interface Row extends ReadyColumns {
  readonly org: string;
  readonly id: string;
  readonly state: TaskState;
  readonly epoch: number;
  readonly run_time: number | null;
  readonly deadline: number | null;
  readonly requirements: RequirementsColumn;
  readonly leased: boolean;
  readonly remaining_ms: number;
}

export async function listOpenTasks(
  db: Database,
  cursor: OpenTaskCursor | null,
  limit: number,
): Promise<OpenTaskPage> {
  const { org, taskId } = cursor ?? BEGIN;
  const atMost = Math.min(limit, MAX);
  const rows = await db.read<Row>(LIST_OPEN_TASKS, [org, taskId, atMost]);
  const last = rows.at(-1);
  return {
    tasks: rows.map(decode),
    cursor: last && rows.length === atMost ? { org: last.org, taskId: last.id } : null,
  };
}

function decode(row: Row): OpenTask {
  return {
    state: row.state,
    ready: decodeReady({ org: row.org, taskId: row.id }, row, row.requirements),
    epoch: row.epoch,
    agentId: row.agent_id,
    runTime: row.run_time,
    deadline: row.deadline,
    leaseRemainingMs: row.leased ? row.remaining_ms : null,
  };
}
