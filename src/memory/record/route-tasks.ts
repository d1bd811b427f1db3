import { statesThatAllow } from '../../domain/tasks/task-state.js';
import { routedDetail } from '../../ports/task-decisions.js';
import type { RouteRequest, SkipRequest, UpdateOutcome } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { changedOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function routeTasks(tables: Tables, requests: readonly RouteRequest[], now: number): UpdateOutcome[] {
  return onTasks(tables, requests, now, (row, request, _now, dependents): UpdateOutcome => {
    if (!statesThatAllow('ROUTED').includes(row.state)) return refused(row);
    if (row.seq !== request.seq) return { kind: 'CHANGED_SINCE' };
    const { route, reason } = request;
    const spec = { ...row.spec, requirements: { ...row.spec.requirements, route } };
    transition(row, now, 'ROUTED', { spec }, { reason, detail: routedDetail(request) });
    return changedOf(row, dependents);
  });
}

export function skipTasks(tables: Tables, requests: readonly SkipRequest[], now: number): UpdateOutcome[] {
  return onTasks(tables, requests, now, (row, request, _now, dependents): UpdateOutcome => {
    if (row.state !== 'QUEUED') return refused(row);
    if (row.seq !== request.seq) return { kind: 'CHANGED_SINCE' };
    const { reason, decision } = request;
    transition(
      row,
      now,
      'SKIPPED',
      { state: 'SKIPPED', finishTime: now, reason },
      { reason, ...(decision && { detail: { decision } }) },
    );
    return changedOf(row, dependents);
  });
}
