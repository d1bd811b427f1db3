import { isLeased, statesThatAllow, type TaskState } from '../../domain/tasks/task-state.js';
import type { Moved, SettleOutcome, SettleRequest } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import { unstorable } from './storable.js';
import { keyOf, type Tables } from './tables.js';
import { afterLease, changedOf, preempted, textOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

type End = 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'PREEMPTED';

/** Where they lead, FAILED but for a failure's own way. */
const ENDS = { SUCCEEDED: 'SUCCEEDED', CANCELLED: 'CANCELLED', PREEMPTED: 'QUEUED' } as const;

/** Throws if one of the results cannot be stored, after the others have been. */
export function settleTasks(
  tables: Tables,
  requests: readonly SettleRequest[],
  now: number,
): SettleOutcome[] {
  const why = requests.map((request) => unstorable(request));
  const storable = requests.filter((_, i) => why[i] === null);
  const outcomes = onTasks(tables, storable, now, (row, request, _now, dependents): SettleOutcome => {
    const end = endOf(row, request);
    return end === null ? known(tables, row, request) : settle(tables, row, request, end, now, dependents);
  });
  const reason = why.find((one) => one !== null);
  if (reason) throw new Error(reason);
  return outcomes;
}

/** How the attempt ends by this result; `null` if the result is not of the current claim. */
function endOf({ state, epoch, agentId }: TaskRow, request: SettleRequest): End | null {
  if (epoch !== request.epoch || agentId !== request.agentId) return null;
  const { outcome, error } = request.result;
  if (outcome === 'SUCCEEDED') return statesThatAllow('SUCCEEDED').includes(state) ? 'SUCCEEDED' : null;
  if (isLeased(state) && statesThatAllow('CANCELLED').includes(state)) return 'CANCELLED';
  const stopped = outcome === 'CANCELLED' || (error?.kind === 'PREEMPTED' && error.retryable);
  if (stopped && statesThatAllow('PREEMPTED').includes(state)) return 'PREEMPTED';
  return statesThatAllow('FAILED').includes(state) ? 'FAILED' : null;
}

/** A result that comes too late may be the one that was recorded. */
function known(tables: Tables, row: TaskRow, request: SettleRequest): SettleOutcome {
  const before = tables.results.get(keyOf(row.org, row.taskId, request.epoch));
  if (before === undefined || before.agentId !== request.agentId) return refused(row);
  return { kind: before.resultId === request.resultId ? 'ALREADY_RECORDED' : 'CONFLICT' };
}

function settle(
  tables: Tables,
  row: TaskRow,
  { agentId, resultId, result, afterFailure }: SettleRequest,
  end: End,
  now: number,
  dependents: readonly Moved[],
): SettleOutcome {
  if (row.state === 'ASSIGNED') transition(row, now, 'ACCEPTED', { state: 'RUNNING' }, { agentId });
  const to: TaskState = { ...ENDS, FAILED: afterFailure.to }[end];
  const { error } = result;
  const reason = { SUCCEEDED: '', FAILED: error?.kind ?? '', CANCELLED: row.reason, PREEMPTED: end }[end];
  const columns = afterLease(to, now, afterFailure.delayMs);
  const detail = error && {
    error_kind: error.kind,
    error_message: error.message,
    ...(columns.runTime !== null && { run_time: textOf(columns.runTime) }),
  };
  const patch = end === 'PREEMPTED' ? preempted(row, now) : { ...columns, reason };
  transition(row, now, end, patch, { agentId, reason, ...(detail && { detail }) });
  const { org, taskId, epoch, series } = row;
  const kept = { org, taskId, epoch, series, resultId, agentId, createTime: now, result };
  tables.results.set(keyOf(org, taskId, epoch), kept);
  return changedOf(row, dependents);
}
