import type { Claim } from '../../domain/tasks/lease.js';
import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { AcceptRequest, LeaseOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import type { BatchRow } from './rows.js';
import { runBatch } from './run-batch.js';

const ACCEPT_TASKS = loadStatement('./accept-tasks.sql', import.meta.url);

interface Row extends BatchRow {
  readonly seq: number;
}

export function acceptTasks(
  db: Database,
  requests: readonly AcceptRequest[],
): Promise<(LeaseOutcome | undefined)[]> {
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.leaseMs),
    statesThatAllow('ACCEPTED'),
  ];
  return runBatch(db, ACCEPT_TASKS, values, requests, (row: Row, { org, taskId }): LeaseOutcome => {
    return { kind: 'OK', change: { org, taskId, seq: row.seq, state: row.state } };
  });
}

/** Of several accepts of one task in a batch, at most one is that of its claim. */
export function acceptKey(request: Claim & { readonly agentId: string }): string {
  return `${request.taskId}/${request.epoch}/${request.agentId}`;
}
