import type { Lease } from '../domain/tasks/lease.js';
import type { LeaseHint } from '../ports/ready-index.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { LeaseOutcome } from '../ports/task-record.js';
import type { Ports } from './ports.js';

/**
 * Records that an agent has begun its assignments. Answers with the leases that were
 * lost before: those the agent must stop. One that is being cancelled or sent back is not lost.
 */
export const acceptTasks =
  (ports: Ports) =>
  async (leases: readonly Lease[]): Promise<readonly Lease[]> => {
    const { record, index, clock, rules } = ports;
    const requests = leases.map(({ org, taskId, epoch, agentId }) => ({
      org,
      taskId,
      epoch,
      agentId,
      leaseMs: rules.leaseMs,
    }));
    const outcomes = await record.acceptTasks(requests);
    const hints: LeaseHint[] = [];
    const lost: Lease[] = [];
    const changes: TaskChange[] = [];
    leases.forEach((lease, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind !== 'OK') {
        if (!isToStop(lease, outcome)) lost.push(lease);
        return;
      }
      changes.push(outcome.change);
      const { org, taskId, epoch, attemptTimeoutMs } = lease;
      const span = Math.min(rules.leaseMs, attemptTimeoutMs ?? Number.POSITIVE_INFINITY);
      hints.push({ org, taskId, epoch, due: clock.now() + span });
    });
    await index.hintLeases(hints);
    ports.changes.publish(changes);
    return lost;
  };

/** Whoever holds it is told of that, and reports how it ended: to stop it in silence would keep it open until its lease ends. */
function isToStop({ epoch }: Lease, outcome: LeaseOutcome | undefined): boolean {
  if (outcome?.kind !== 'REFUSED' || outcome.epoch !== epoch) return false;
  return outcome.state === 'CANCELLING' || outcome.state === 'PREEMPTING';
}
