import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ExpireOutcome } from '../../ports/task-record.js';
import type { Tables } from './tables.js';
import { changedOf, transition } from './transition.js';
import { onTasks, refused, remaining } from './verb.js';

export function promoteTasks(tables: Tables, requests: readonly TaskKey[], now: number): ExpireOutcome[] {
  return onTasks(tables, requests, now, (row, _key, _now, dependents): ExpireOutcome => {
    const { runTime, score, reason } = row;
    if (runTime === null || !statesThatAllow('QUEUED').includes(row.state)) return refused(row);
    if (runTime > now) return { kind: 'NOT_DUE', remainingMs: remaining(runTime, now, 1) };
    const patch = { state: 'QUEUED', runTime: null, runnableTime: row.runnableTime ?? runTime } as const;
    transition(row, now, 'QUEUED', patch, { reason, detail: { score } });
    return changedOf(row, dependents);
  });
}
