import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ExpireOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { runDueBatch } from './run-due-batch.js';

const TIME_OUT_TASKS = loadStatement('./time-out-tasks.sql', import.meta.url);

export function timeOutTasks(
  db: Database,
  requests: readonly TaskKey[],
): Promise<(ExpireOutcome | undefined)[]> {
  return runDueBatch(db, TIME_OUT_TASKS, requests, statesThatAllow('DEADLINE_PASSED'));
}
