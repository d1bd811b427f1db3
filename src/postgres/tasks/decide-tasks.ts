import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { DecideRequest, ExpireOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { runDueBatch } from './run-due-batch.js';

const DECIDE_TASKS = loadStatement('./decide-tasks.sql', import.meta.url);

export function decideTasks(
  db: Database,
  requests: readonly DecideRequest[],
): Promise<(ExpireOutcome | undefined)[]> {
  return runDueBatch(db, DECIDE_TASKS, requests, statesThatAllow('APPROVED'), [
    requests.map((r) => r.verdict),
    requests.map((r) => r.reason),
    requests.map((r) => r.approver),
  ]);
}
