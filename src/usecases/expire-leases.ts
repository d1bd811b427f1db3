import type { Lease } from '../domain/tasks/lease.js';
import { afterFailure, afterReturn } from '../domain/tasks/retry.js';
import type { LeaseHint } from '../ports/ready-index.js';
import type { Changed, ExpireRequest, LeaseState } from '../ports/task-record.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';
import { returnTasks } from './return-tasks.js';

/**
 * Looks at leases that may have run out and ends those that have, on the record's clock.
 * Those that hold are looked at again when they are due.
 */
export const expireLeases =
  (ports: Ports) =>
  async (hints: readonly LeaseHint[]): Promise<void> => {
    if (hints.length === 0) return;
    const states = await ports.record.getLeases(hints);
    const unaccepted: Lease[] = [];
    const expired: ExpireRequest[] = [];
    const later: LeaseHint[] = [];
    hints.forEach((hint, i) => {
      const state = states[i];
      if (!state) return;
      if (state.state === 'ASSIGNED') unaccepted.push(state.lease);
      else if (remainingOf(state) > 0) later.push({ ...hint, due: ports.clock.now() + remainingOf(state) });
      else expired.push(expireRequest(ports, state));
    });
    await ports.index.hintLeases(later);
    // One that was accepted meanwhile is not given back, and its agent keeps it.
    ports.sessions.revoke(await returnTasks(ports)(unaccepted, 'NOT_ACCEPTED'));

    const outcomes = await ports.record.expireLeases(expired);
    const changed: Changed[] = [];
    expired.forEach((request, i) => {
      const outcome = outcomes[i];
      const { org, taskId, epoch } = request;
      if (outcome?.kind === 'NOT_DUE') {
        later.push({ org, taskId, epoch, due: ports.clock.now() + outcome.remainingMs });
      } else if (outcome?.kind === 'OK') {
        changed.push(outcome);
        tellAgent(ports, request, outcome);
      }
    });
    await ports.index.hintLeases(later);
    // An agent that lost its lease, or took too long, has failed; one that was to stop has not.
    const failed = changed.filter(({ change }) => change.state !== 'CANCELLED' && change.state !== 'QUEUED');
    await ports.index.recordAttempts(
      failed.map(({ change: { org, taskId } }) => ({ org, taskId, outcome: 'FAILED' })),
    );
    await applyChanges(ports, changed);
  };

/** What remains of a lease, or of its attempt's own time if that is less; ms. */
export function remainingOf(state: LeaseState): number {
  return Math.max(0, Math.min(state.remainingMs, state.attemptRemainingMs ?? Number.POSITIVE_INFINITY));
}

function expireRequest(ports: Ports, { lease, attemptRemainingMs }: LeaseState): ExpireRequest {
  const { org, taskId, epoch, retry, attempt, deliveries } = lease;
  const timedOut = attemptRemainingMs !== null && attemptRemainingMs <= 0;
  return {
    org,
    taskId,
    epoch,
    cause: timedOut ? 'ATTEMPT_TIMED_OUT' : 'LEASE_EXPIRED',
    afterFailure: afterFailure(retry, attempt, true, ports.ids.random()),
    afterReturn: afterReturn(retry, deliveries),
  };
}

function tellAgent(ports: Ports, { org, taskId, epoch, cause }: ExpireRequest, { agentId }: Changed): void {
  if (agentId === null) return;
  if (cause === 'ATTEMPT_TIMED_OUT') {
    const reason = 'the attempt took longer than its attempt_timeout';
    ports.sessions.cancel([{ org, agentId, taskId, epoch, cause, reason, graceMs: 0 }]);
  }
  ports.sessions.revoke([{ org, agentId, taskId, epoch }]);
}
