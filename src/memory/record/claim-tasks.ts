import type { Lease } from '../../domain/tasks/lease.js';
import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { ClaimOutcome, ClaimRequest } from '../../ports/task-record.js';
import { checkpointOf } from './checkpoints.js';
import { leaseOf } from './leases.js';
import type { TaskRow } from './rows.js';
import type { Tables } from './tables.js';
import { changeOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

export function claimTasks(tables: Tables, requests: readonly ClaimRequest[], now: number): ClaimOutcome[] {
  return onTasks(tables, requests, now, (row, request): ClaimOutcome => {
    if (!statesThatAllow('CLAIMED').includes(row.state)) return refused(row);
    const lease = claimRow(tables, row, request, now);
    const { body, kind: taskKind } = row.spec;
    const given = { lease, body, createTime: row.createTime, taskKind, ...checkpointOf(tables, row) };
    return { kind: 'OK', change: changeOf(row), ...given };
  });
}

/** Gives a task that may be claimed to an agent. */
export function claimRow(tables: Tables, row: TaskRow, request: ClaimRequest, now: number): Lease {
  const { org, taskId, agentId, acceptWithinMs, requestId, selection } = request;
  transition(
    row,
    now,
    'CLAIMED',
    {
      state: 'ASSIGNED',
      epoch: row.epoch + 1,
      attempt: row.attempt + 1,
      deliveries: row.deliveries + 1,
      agentId,
      startTime: now,
      leaseExpiresAt: now + acceptWithinMs,
      reason: '',
    },
    { agentId, ...(selection && { detail: { ...selection } }) },
  );
  if (requestId !== null) {
    const name = { org, agentId, requestId, taskId, epoch: row.epoch, createTime: now };
    tables.leaseRequests = [...tables.leaseRequests, name];
  }
  return leaseOf(row);
}
