import type { Lease } from '../domain/tasks/lease.js';
import type { LeaseHint } from '../ports/ready-index.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { Ports } from './ports.js';

/**
 * Records that an agent has begun its assignments. Answers with the leases that were
 * lost before: those the agent must stop.
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
        lost.push(lease);
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
