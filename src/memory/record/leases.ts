import type { Claim, Lease } from '../../domain/tasks/lease.js';
import { isLeased } from '../../domain/tasks/task-state.js';
import type { HeldTask, LeaseState } from '../../ports/task-record.js';
import { checkpointOf } from './checkpoints.js';
import type { TaskRow } from './rows.js';
import { findTask, type Tables } from './tables.js';
import { remaining } from './verb.js';

const MAX_LEASES = 1_000;
const MAX_FORGOTTEN = 10_000;

export function leaseOf({ org, taskId, epoch, agentId, attempt, deliveries, spec }: TaskRow): Lease {
  const { retry, attemptTimeoutMs } = spec;
  return { org, taskId, epoch, agentId: agentId ?? '', attempt, deliveries, retry, attemptTimeoutMs };
}

export function getLeases(tables: Tables, claims: readonly Claim[], now: number): (LeaseState | null)[] {
  return claims.map((claim) => {
    const row = findHeld(tables, claim);
    if (row === undefined) return null;
    const { state, leaseExpiresAt, attemptDeadline } = row;
    return {
      lease: leaseOf(row),
      state,
      remainingMs: remaining(leaseExpiresAt ?? now, now, 0),
      attemptRemainingMs: attemptDeadline === null ? null : remaining(attemptDeadline, now, 0),
    };
  });
}

export function getLeasesOfRequest(
  tables: Tables,
  org: string,
  agentId: string,
  requestId: string,
): HeldTask[] {
  const claims = tables.leaseRequests
    .filter((name) => name.org === org && name.agentId === agentId && name.requestId === requestId)
    .sort((a, b) => (a.taskId === b.taskId ? a.epoch - b.epoch : a.taskId < b.taskId ? -1 : 1))
    .slice(0, MAX_LEASES);
  return claims.flatMap((claim) => {
    const row = findHeld(tables, claim);
    if (!row) return [];
    const { createTime, spec } = row;
    return [{ lease: leaseOf(row), body: spec.body, createTime, ...checkpointOf(tables, row) }];
  });
}

export function forgetLeaseRequests(tables: Tables, olderThanMs: number, now: number): void {
  const old = tables.leaseRequests.filter(({ createTime }) => createTime < now - olderThanMs);
  const forgotten = new Set(old.slice(0, MAX_FORGOTTEN));
  tables.leaseRequests = tables.leaseRequests.filter((name) => !forgotten.has(name));
}

/** The task of a claim that is current. */
function findHeld(tables: Tables, claim: Claim): TaskRow | undefined {
  const row = findTask(tables, claim);
  return row && row.epoch === claim.epoch && isLeased(row.state) ? row : undefined;
}
