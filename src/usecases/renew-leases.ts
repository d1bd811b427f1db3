import { mayPass } from '../domain/record-errors.js';
import type { Lease } from '../domain/tasks/lease.js';
import type { RenewOutcome } from '../ports/task-record.js';
import type { Ports } from './ports.js';

export type Renewal =
  | { readonly verdict: 'KEEP'; readonly remainingMs: number }
  | { readonly verdict: 'CANCEL'; readonly cause: 'CANCELLED' | 'PREEMPTED'; readonly remainingMs: number }
  | { readonly verdict: 'LOST' };

/**
 * Prolongs leases in the record. The reaper's hints stay as they are: when it looks at one
 * that was renewed, it learns what remains and comes back.
 *
 * While the record is away nobody can take a lease, so they are kept from memory, for at most
 * `rules.outageGraceMs`; also if it is slow to answer, since their holders count the time.
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
    const outcomes = await inTime(ports, ports.record.renewLeases(requests));
    if (outcomes === null) return leases.map(() => ({ verdict: 'KEEP', remainingMs: leaseMs }));
    return outcomes.map((outcome): Renewal => {
      if (outcome.kind === 'OK') return { verdict: 'KEEP', remainingMs: leaseMs };
      if (outcome.kind === 'CANCEL') {
        const { cause, remainingMs } = outcome;
        return { verdict: 'CANCEL', cause, remainingMs };
      }
      return { verdict: 'LOST' };
    });
  };

/** Of the lease: how long the record may take to prolong it. */
const PATIENCE = 1 / 8;

/** `null`: the record is away, or slow, and not for too long. */
async function inTime(
  { outages, clock, rules }: Ports,
  renewed: Promise<readonly RenewOutcome[]>,
): Promise<readonly RenewOutcome[] | null> {
  const inGrace = () => (outages.awayMs() ?? 0) < rules.outageGraceMs;
  let stopTimer: () => void = () => undefined;
  const late = new Promise<null>((resolve) => {
    stopTimer = clock.after(rules.leaseMs * PATIENCE, () => (inGrace() ? resolve(null) : undefined));
  });
  try {
    return await Promise.race([renewed, late]);
  } catch (error) {
    if (mayPass(error) && inGrace()) return null;
    throw error;
  } finally {
    stopTimer();
  }
}
