import { isLeased, statesThatAllow, type TaskEventType } from '../../domain/tasks/task-state.js';
import type { ExpireOutcome, ExpireRequest } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import type { Tables } from './tables.js';
import { afterLease, changedOf, preempted, textOf, transition } from './transition.js';
import { earlier, onTasks, refused, remaining } from './verb.js';

export function expireLeases(
  tables: Tables,
  requests: readonly ExpireRequest[],
  now: number,
): ExpireOutcome[] {
  return onTasks(tables, requests, now, (row, request, _now, dependents): ExpireOutcome => {
    const event = row.epoch === request.epoch ? eventOf(row, request) : null;
    if (event === null) return refused(row);
    const timedOut = event === 'ATTEMPT_TIMED_OUT';
    const due = timedOut ? row.attemptDeadline : row.leaseExpiresAt;
    if (due === null || due > now) {
      const from = due ?? earlier(row.leaseExpiresAt, row.attemptDeadline) ?? now;
      return { kind: 'NOT_DUE', remainingMs: remaining(from, now, 1) };
    }
    expire(row, request, event, now);
    return changedOf(row, dependents);
  });
}

/** What happens to a task in this state once its time is over. */
function eventOf({ state }: TaskRow, { cause }: ExpireRequest): TaskEventType | null {
  if (statesThatAllow('RETURNED').includes(state)) return 'RETURNED';
  if (statesThatAllow('PREEMPTED').includes(state) && cause === 'LEASE_EXPIRED') return 'PREEMPTED';
  if (statesThatAllow(cause).includes(state)) return cause;
  return isLeased(state) && statesThatAllow('CANCELLED').includes(state) ? 'CANCELLED' : null;
}

function expire(row: TaskRow, request: ExpireRequest, event: TaskEventType, now: number): void {
  const { agentId } = row;
  if (event === 'CANCELLED') {
    const { reason } = row;
    transition(row, now, event, afterLease('CANCELLED', now), { agentId, reason });
    return;
  }
  if (event === 'PREEMPTED') {
    transition(row, now, event, preempted(row, now), { agentId, reason: event });
    return;
  }
  if (event === 'RETURNED') {
    const to = request.afterReturn;
    const reason = to === 'DEAD_LETTER' ? 'UNDELIVERABLE' : 'NOT_ACCEPTED';
    const patch = { ...afterLease(to, now), attempt: row.attempt - 1, reason };
    const detail = to === 'DEAD_LETTER' ? { cause: 'NOT_ACCEPTED' } : {};
    transition(row, now, event, patch, { agentId, reason, detail });
    return;
  }
  const columns = afterLease(request.afterFailure.to, now, request.afterFailure.delayMs);
  const detail = columns.runTime === null ? {} : { run_time: textOf(columns.runTime) };
  transition(row, now, event, { ...columns, reason: event }, { agentId, reason: event, detail });
}
