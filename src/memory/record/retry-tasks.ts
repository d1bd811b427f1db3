import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { RetryRequest, TransitionOutcome } from '../../ports/task-record.js';
import { findApproval, reopenApproval } from './approvals.js';
import { unsatisfiedEdges } from './edges.js';
import type { Tables } from './tables.js';
import { changedOf, textOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function retryTasks(
  tables: Tables,
  requests: readonly RetryRequest[],
  now: number,
): TransitionOutcome[] {
  return onTasks(
    tables,
    requests,
    now,
    (row, { reason, actor, timeoutMs }, _now, dependents): TransitionOutcome => {
      if (!statesThatAllow('RETRIED').includes(row.state)) return refused(row);
      const series = { series: row.series + 1, attempt: 0, deliveries: 0, preemptions: 0 };
      // What it depends on is waited for again, unless that has ended as it was to.
      const edges = unsatisfiedEdges(tables, row);
      for (const edge of edges) edge.state = 'open';
      const pending = edges.length;
      // Who waited for a person's word and did not get it is asked about again.
      const unapproved = findApproval(tables, row)?.verdict === null;
      if (unapproved) reopenApproval(tables, row, now);
      const { runAt } = row.spec;
      const runTime = !unapproved && pending === 0 && runAt !== null && runAt > now ? runAt : null;
      const waits = pending > 0 ? 'BLOCKED' : runTime === null ? 'QUEUED' : 'SCHEDULED';
      const state = unapproved ? 'AWAITING_APPROVAL' : waits;
      const { deadline } = row.spec;
      const dropped = deadline !== null && deadline <= now ? deadline : null;
      const due = timeoutMs === undefined ? null : now + timeoutMs;
      const patch = {
        ...series,
        state,
        pending,
        runTime,
        finishTime: null,
        reason,
        runnableTime: state === 'QUEUED' ? (row.runnableTime ?? now) : row.runnableTime,
        spec: dropped === null && timeoutMs === undefined ? row.spec : { ...row.spec, deadline: due },
      } as const;
      const detail = {
        ...(dropped !== null && { dropped_deadline: textOf(dropped) }),
        ...(runTime !== null && { run_time: textOf(runTime) }),
      };
      transition(row, now, 'RETRIED', patch, { actor, reason, detail });
      return changedOf(row, dependents);
    },
  );
}
