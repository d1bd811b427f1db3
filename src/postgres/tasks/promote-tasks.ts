import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ExpireOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { runDueBatch } from './run-due-batch.js';

const PROMOTE_TASKS = loadStatement('./promote-tasks.sql', import.meta.url);

export function promoteTasks(
  db: Database,
  requests: readonly TaskKey[],
): Promise<(ExpireOutcome | undefined)[]> {
  return runDueBatch(db, PROMOTE_TASKS, requests, statesThatAllow('QUEUED'));
}
