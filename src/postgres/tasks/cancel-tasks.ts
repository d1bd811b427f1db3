import { isLeased, statesThatAllow } from '../../domain/tasks/task-state.js';
import type { CancelOutcome, CancelRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeDependents } from './changed.js';
import type { BatchRow, DependentRow } from './rows.js';
import { runBatch } from './run-batch.js';

const CANCEL_TASKS = loadStatement('./cancel-tasks.sql', import.meta.url);

interface Row extends BatchRow {
  readonly seq: number;
  readonly agent_id: string | null;
  readonly changed: boolean;
  readonly workflow_id: string | null;
}

export function cancelTasks(
  db: Database,
  requests: readonly CancelRequest[],
): Promise<(CancelOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.graceMs),
    requests.map((r) => r.reason),
    requests.map((r) => r.actor),
    statesThatAllow('CANCELLED').filter((state) => !isLeased(state)),
    statesThatAllow('CANCEL_REQUESTED'),
    requests.map((r) => r.series ?? null),
  ];
  return runBatch(db, CANCEL_TASKS, values, requests, decode);
}

function decode(
  row: Row,
  { org, taskId }: CancelRequest,
  dependents: readonly DependentRow[],
): CancelOutcome {
  return {
    kind: 'OK',
    change: { org, taskId, seq: row.seq, state: row.state },
    epoch: row.epoch,
    agentId: row.agent_id,
    changed: row.changed,
    dependents: decodeDependents(dependents, org),
    ...(row.workflow_id && { workflowId: row.workflow_id }),
  };
}
