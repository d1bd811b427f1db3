import type { Lease } from '../domain/tasks/lease.js';
import { afterReturn } from '../domain/tasks/retry.js';
import { applyChanges } from './apply-changes.js';
import type { Ports } from './ports.js';

/**
 * Gives assignments back that never began. No attempt is charged; a task that came back too
 * often is UNDELIVERABLE. Those that have begun or ended meanwhile stay as they are. Answers with
 * those that were given back.
 *
 * @param reason DECLINED, NOT_ACCEPTED, DRAINED, NOT_SENT, or the agent's words
 */
export const returnTasks =
  (ports: Ports) =>
  async (leases: readonly Lease[], reason: string): Promise<readonly Lease[]> => {
    if (leases.length === 0) return [];
    const requests = leases.map(({ org, taskId, epoch, agentId, retry, deliveries }) => {
      const to = afterReturn(retry, deliveries);
      return { org, taskId, epoch, agentId, to, reason: to === 'DEAD_LETTER' ? 'UNDELIVERABLE' : reason };
    });
    const outcomes = await ports.record.returnTasks(requests);
    await applyChanges(
      ports,
      outcomes.flatMap((o) => (o.kind === 'OK' ? [o] : [])),
    );
    return leases.filter((_, i) => outcomes[i]?.kind === 'OK');
  };
