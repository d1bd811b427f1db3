import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { RetryRequest, TransitionOutcome } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { changedOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function retryTasks(
  tables: Tables,
  requests: readonly RetryRequest[],
  now: number,
): TransitionOutcome[] {
  return onTasks(tables, requests, now, (row, { reason, actor }): TransitionOutcome => {
    if (!statesThatAllow('RETRIED').includes(row.state)) return refused(row);
    const series = { series: row.series + 1, attempt: 0, deliveries: 0 };
    const patch = { state: 'QUEUED', ...series, finishTime: null, reason } as const;
    transition(row, now, 'RETRIED', patch, { actor, reason });
    return changedOf(row);
  });
}
