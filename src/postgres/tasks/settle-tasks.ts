import { isLeased, statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { SettleOutcome, SettleRequest } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { decodeChanged } from './changed.js';
import type { ChangedRow, DependentRow } from './rows.js';
import { runBatch } from './run-batch.js';
import { sparseColumn } from './sparse-column.js';

const SETTLE_TASKS = loadStatement('./settle-tasks.sql', import.meta.url);
const SETTLE_DEPENDED_TASKS = loadStatement('./settle-depended-tasks.sql', import.meta.url);

interface Row extends ChangedRow {
  readonly kind: 'OK' | 'ALREADY_RECORDED' | 'CONFLICT' | 'DEPENDED_ON';
}

/** Others depend on it: `settleDependedTasks` has to settle it. */
type DependedOn = { readonly kind: 'DEPENDED_ON' };

/**
 * Settles tasks that nobody depends on: most of them, and for less.
 *
 * @param notesChanges whether others are to read of it
 */
export function settleTasks(
  db: Database,
  requests: readonly SettleRequest[],
  notesChanges = true,
): Promise<(SettleOutcome | DependedOn | undefined)[]> {
  return runBatch(db, SETTLE_TASKS, valuesOf(requests, false, notesChanges), requests, (row: Row, item) =>
    row.kind === 'OK' ? decodeChanged(row, item) : { kind: row.kind },
  );
}

/** Settles tasks and moves those that depend on them. */
export function settleDependedTasks(
  db: Database,
  requests: readonly SettleRequest[],
  notesChanges = true,
): Promise<(SettleOutcome | undefined)[]> {
  return runBatch(db, SETTLE_DEPENDED_TASKS, valuesOf(requests, true, notesChanges), requests, decode);
}

function decode(row: Row, item: SettleRequest, dependents: readonly DependentRow[]): SettleOutcome {
  if (row.kind === 'OK') return decodeChanged(row, item, dependents);
  if (row.kind === 'DEPENDED_ON') throw new Error('a settlement of dependents was put off');
  return { kind: row.kind };
}

function valuesOf(
  requests: readonly SettleRequest[],
  withDependents: boolean,
  notesChanges: boolean,
): readonly unknown[] {
  const [outputs, details] = packBytes([
    requests.map((r) => r.result.output?.data),
    requests.map((r) => r.result.error?.detail?.data),
  ] as const);
  return [
    requests.map((r) => r.org),
    requests.map((r) => r.taskId),
    requests.map((r) => r.epoch),
    requests.map((r) => r.agentId),
    requests.map((r) => r.resultId),
    requests.map((r) => r.result.outcome),
    sparseColumn(requests, (r) => r.result.summary || null),
    sparseColumn(requests, (r) => r.result.output?.mediaType ?? null),
    sparseColumn(requests, (r) => r.result.error?.kind ?? null),
    sparseColumn(requests, (r) => r.result.error?.message ?? null),
    sparseColumn(requests, (r) => r.result.error?.retryable ?? null),
    sparseColumn(requests, (r) => r.result.error?.detail?.mediaType ?? null),
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
    withDependents,
    notesChanges,
  ];
}

export function settleSize({ result }: SettleRequest): number {
  return (result.output?.data.length ?? 0) + (result.error?.detail?.data.length ?? 0);
}
