import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ExpireOutcome } from '../../ports/task-record.js';
import { closeApproval } from './approvals.js';
import type { Tables } from './tables.js';
import { afterLease, changedOf, textOf, transition } from './transition.js';
import { onTasks, refused, remaining } from './verb.js';

export function timeOutTasks(tables: Tables, requests: readonly TaskKey[], now: number): ExpireOutcome[] {
  return onTasks(tables, requests, now, (row, _key, _now, dependents): ExpireOutcome => {
    const { state: was, agentId, spec } = row;
    const { deadline } = spec;
    if (deadline === null || !statesThatAllow('DEADLINE_PASSED').includes(was)) return refused(row);
    if (deadline > now) return { kind: 'NOT_DUE', remainingMs: remaining(deadline, now, 1) };
    if (was === 'AWAITING_APPROVAL') closeApproval(tables, row);
    const reason = 'DEADLINE_PASSED';
    const said = { agentId, reason, detail: { deadline: textOf(deadline), was } };
    transition(row, now, 'DEADLINE_PASSED', { ...afterLease('TIMED_OUT', now), reason }, said);
    return changedOf(row, dependents);
  });
}
