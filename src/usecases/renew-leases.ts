import type { Lease } from '../domain/tasks/lease.js';
import type { Ports } from './ports.js';

export type Renewal =
  | { readonly verdict: 'KEEP'; readonly remainingMs: number }
  | { readonly verdict: 'CANCEL'; readonly remainingMs: number }
  | { readonly verdict: 'LOST' };

/**
 * Prolongs leases in the record. The reaper's hints stay as they are: when it looks at one
 * that was renewed, it learns what remains and comes back.
 */
export const renewLeases =
  (ports: Ports) =>
  async (leases: readonly Lease[]): Promise<readonly Renewal[]> => {
    const { leaseMs } = ports.rules;
    const requests = leases.map(({ org, taskId, epoch, agentId }) => ({
      org,
      taskId,
      epoch,
      agentId,
      leaseMs,
    }));
    const outcomes = await ports.record.renewLeases(requests);
    return outcomes.map((outcome): Renewal => {
      if (outcome.kind === 'OK') return { verdict: 'KEEP', remainingMs: leaseMs };
      if (outcome.kind === 'CANCEL') return { verdict: 'CANCEL', remainingMs: outcome.remainingMs };
      return { verdict: 'LOST' };
    });
  };
