import { isLeased, statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { SettleOutcome, SettleRequest } from '../../ports/task-record.js';
import type { Database, Statement } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { decodeChanged } from './changed.js';
import { type FoundResult, findResults } from './find-results.js';
import { type Demands, getDemands, NO_DEMANDS } from './get-demands.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';
import { sparseColumn } from './sparse-column.js';

const SETTLE_TASKS = loadStatement('./settle-tasks.sql', import.meta.url);
const SETTLE_DEPENDED_TASKS = loadStatement('./settle-depended-tasks.sql', import.meta.url);

type Row = Omit<ChangedRow, keyof Demands> & { readonly kind: 'OK' | 'OVER' | 'DEPENDED_ON' };

/** Others depend on it: `settleDependedTasks` has to settle it. */
type DependedOn = { readonly kind: 'DEPENDED_ON' };

/**
 * Settles tasks that nobody depends on: most of them, and for less.
 *
 * @param notesChanges whether others are to read of it
 */
export async function settleTasks(
  db: Database,
  requests: readonly SettleRequest[],
  notesChanges = true,
): Promise<(SettleOutcome | DependedOn | undefined)[]> {
  return settle(db, SETTLE_TASKS, requests, valuesOf(requests, false, notesChanges));
}

/** Settles tasks and moves those that depend on them. */
export async function settleDependedTasks(
  db: Database,
  requests: readonly SettleRequest[],
  notesChanges = true,
): Promise<(SettleOutcome | undefined)[]> {
  const values = valuesOf(requests, true, notesChanges);
  const outcomes = await settle(db, SETTLE_DEPENDED_TASKS, requests, values);
  return outcomes.map((outcome) => {
    if (outcome?.kind === 'DEPENDED_ON') throw new Error('a settlement of dependents was put off');
    return outcome;
  });
}

async function settle(
  db: Database,
  statement: Statement,
  requests: readonly SettleRequest[],
  values: readonly unknown[],
): Promise<(SettleOutcome | DependedOn | undefined)[]> {
  const answers = await runBatch(db, statement, values, requests, (row: Row, _, dependents) => ({
    kind: 'SAID' as const,
    row,
    dependents,
  }));
  const those = (chosen: (row: Row) => boolean) =>
    requests.filter((_, i) => {
      const answer = answers[i];
      return answer?.kind === 'SAID' && chosen(answer.row);
    });
  const over = those(({ kind }) => kind === 'OVER');
  const scheduled = those(({ kind, state }) => kind === 'OK' && state === 'SCHEDULED');
  const [results, demands] = await Promise.all([findResults(db, over), getDemands(db, scheduled)]);
  return requests.map((request, i) => {
    const answer = answers[i];
    if (answer?.kind !== 'SAID') return answer;
    const { row, dependents } = answer;
    if (row.kind === 'DEPENDED_ON') return { kind: row.kind };
    if (row.kind === 'OVER') return afterItsEnd(request, row, results.get(request));
    return decodeChanged({ ...row, ...(demands.get(request) ?? NO_DEMANDS) }, request, dependents);
  });
}

/** What is said to a result whose claim is not current: it ended the claim if it was recorded. */
function afterItsEnd(
  { agentId, resultId }: SettleRequest,
  { state, epoch }: Row,
  recorded: FoundResult | undefined,
): SettleOutcome {
  if (recorded?.agent_id !== agentId) return { kind: 'REFUSED', state, epoch };
  return { kind: recorded.result_id === resultId ? 'ALREADY_RECORDED' : 'CONFLICT' };
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
