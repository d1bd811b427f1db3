import { isLeased, statesThatAllow, TERMINAL_STATES } from '../../domain/tasks/task-state.js';
import type { SettleOutcome, SettleRequest } from '../../ports/task-record.js';
import type { Database, Statement } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { decodeChanged } from './changed.js';
import { type FoundResult, findResults } from './find-results.js';
import { getDemands } from './get-demands.js';
import type { ChangedRow } from './rows.js';
import { runBatch } from './run-batch.js';
import { sparseColumn } from './sparse-column.js';

const SETTLE_TASKS = loadStatement('./settle-tasks.sql', import.meta.url);
const SETTLE_DEPENDED_TASKS = loadStatement('./settle-depended-tasks.sql', import.meta.url);

/** Of what is to run again still without what the index needs of its spec. */
interface Row extends ChangedRow {
  readonly kind: 'OK' | 'OVER' | 'DEPENDED_ON';
}

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
  const answers = await runBatch(db, statement, values, requests, (row: Row, request, dependents) =>
    row.kind === 'OK' && !runsAgain(row)
      ? decodeChanged(row, request, dependents)
      : { kind: 'UNFINISHED' as const, row, request, dependents },
  );
  const unfinished = answers.filter((answer) => answer?.kind === 'UNFINISHED');
  if (unfinished.length === 0) return answers as (SettleOutcome | undefined)[];
  const of = (kind: Row['kind']) => unfinished.filter(({ row }) => row.kind === kind).map((u) => u.request);
  const [results, demands] = await Promise.all([findResults(db, of('OVER')), getDemands(db, of('OK'))]);
  return answers.map((answer) => {
    if (answer?.kind !== 'UNFINISHED') return answer;
    const { row, request, dependents } = answer;
    if (row.kind === 'DEPENDED_ON') return { kind: row.kind };
    if (row.kind === 'OVER') return afterItsEnd(request, row, results.get(request));
    return decodeChanged({ ...row, ...demands.get(request) }, request, dependents);
  });
}

function runsAgain({ state }: Row): boolean {
  return state === 'SCHEDULED' || state === 'QUEUED';
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
    statesThatAllow('PREEMPTED'),
  ];
}

export function settleSize({ result }: SettleRequest): number {
  return (result.output?.data.length ?? 0) + (result.error?.detail?.data.length ?? 0);
}
