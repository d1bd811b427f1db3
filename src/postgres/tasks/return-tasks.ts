import { statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { ReturnRequest, TransitionOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeChanged } from './changed.js';
import { runBatch } from './run-batch.js';

const RETURN_TASKS = loadStatement('./return-tasks.sql', import.meta.url);

export function returnTasks(
  db: Database,
  requests: readonly ReturnRequest[],
): Promise<(TransitionOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.to),
    requests.map((r) => r.reason),
    statesThatAllow('RETURNED'),
    TERMINAL_STATES,
  ];
  return runBatch(db, RETURN_TASKS, values, requests, decodeChanged);
}
