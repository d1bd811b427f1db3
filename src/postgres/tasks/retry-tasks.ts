import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { RetryRequest, TransitionOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeChanged } from './changed.js';
import { runBatch } from './run-batch.js';

const RETRY_TASKS = loadStatement('./retry-tasks.sql', import.meta.url);

export function retryTasks(
  db: Database,
  requests: readonly RetryRequest[],
): Promise<(TransitionOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.reason),
    requests.map((r) => r.actor),
    statesThatAllow('RETRIED'),
    requests.map((r) => r.timeoutMs ?? null),
  ];
  return runBatch(db, RETRY_TASKS, values, requests, decodeChanged);
}
