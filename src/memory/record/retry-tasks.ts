import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { RetryRequest, TransitionOutcome } from '../../ports/task-record.js';
import { openEdges } from './edges.js';
import type { Tables } from './tables.js';
import { changedOf, textOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function retryTasks(
  tables: Tables,
  requests: readonly RetryRequest[],
  now: number,
): TransitionOutcome[] {
  return onTasks(tables, requests, now, (row, { reason, actor }, _now, dependents): TransitionOutcome => {
    if (!statesThatAllow('RETRIED').includes(row.state)) return refused(row);
    const series = { series: row.series + 1, attempt: 0, deliveries: 0 };
    // What it depends on is waited for, unless that has ended.
    const pending = openEdges(tables, row).length;
    const { deadline } = row.spec;
    const dropped = deadline !== null && deadline <= now ? deadline : null;
    const patch = {
      ...series,
      state: pending === 0 ? 'QUEUED' : 'BLOCKED',
      pending,
      finishTime: null,
      reason,
      runnableTime: pending === 0 ? (row.runnableTime ?? now) : row.runnableTime,
      spec: dropped === null ? row.spec : { ...row.spec, deadline: null },
    } as const;
    const detail = dropped === null ? {} : { dropped_deadline: textOf(dropped) };
    transition(row, now, 'RETRIED', patch, { actor, reason, detail });
    return changedOf(row, dependents);
  });
}
