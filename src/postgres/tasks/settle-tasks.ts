import { isLeased, statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { SettleOutcome, SettleRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';

const SETTLE_TASKS = loadStatement('./settle-tasks.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'ALREADY_RECORDED' | 'CONFLICT';
}

export function settleTasks(
  db: Database,
  requests: readonly SettleRequest[],
): Promise<(SettleOutcome | undefined)[]> {
  const [outputs, details] = packBytes([
    requests.map((r) => r.result.output?.data),
    requests.map((r) => r.result.error?.detail?.data),
  ] as const);
  const values = [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.resultId),
    requests.map((r) => r.result.outcome),
    requests.map((r) => r.result.summary),
    requests.map((r) => r.result.output?.mediaType ?? null),
    requests.map((r) => r.result.error?.kind ?? null),
    requests.map((r) => r.result.error?.message ?? null),
    requests.map((r) => r.result.error?.retryable ?? null),
    requests.map((r) => r.result.error?.detail?.mediaType ?? null),
    requests.map((r) => r.afterFailure.to),
    requests.map((r) => r.afterFailure.delayMs),
    outputs.bytes,
    outputs.starts,
    outputs.lengths,
    details.starts,
    details.lengths,
    statesThatAllow('SUCCEEDED'),
    statesThatAllow('FAILED'),
    statesThatAllow('CANCELLED').filter(isLeased),
    TERMINAL_STATES,
  ];
  return runBatch(db, SETTLE_TASKS, values, requests, (row: Row, item, dependents): SettleOutcome => {
    return row.kind === 'OK' ? decodeChanged(row, item, dependents) : { kind: row.kind };
  });
}

export function settleSize({ result }: SettleRequest): number {
  return (result.output?.data.length ?? 0) + (result.error?.detail?.data.length ?? 0);
}
