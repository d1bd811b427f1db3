import type { Lease } from '../../domain/tasks/lease.js';
import type { Participant } from './participant.js';
import type { WorkWorld } from './work-world.js';

const AT_ONCE = 1_000;

/**
 * Compares the leases that sessions know of with the record, and forgets those that have ended
 * where this coordinator could not see it: through another stream, or in a call elsewhere. To be
 * called about once a lease's length. Rejects if the record cannot be read.
 */
export async function checkLeases(
  { ports: { record, index } }: Pick<WorkWorld, 'ports'>,
  participants: readonly Participant[],
): Promise<void> {
  const known = participants.flatMap((holder) =>
    [...holder.leases.values()].map((lease) => ({ holder, lease })),
  );
  for (let from = 0; from < known.length; from += AT_ONCE) {
    const some = known.slice(from, from + AT_ONCE);
    const states = await record.getLeases(some.map(({ lease }) => lease));
    const over = some.filter(({ holder, lease }, i) => {
      const isCurrent = states[i]?.lease.agentId === lease.agentId;
      return !isCurrent && holder.leases.get(lease.taskId) === lease;
    });
    for (const { holder, lease } of over) holder.forget(lease.taskId);
    const bySession = new Map<string, Lease[]>();
    for (const { holder, lease } of over) {
      bySession.set(holder.sessionId, [...(bySession.get(holder.sessionId) ?? []), lease]);
    }
    for (const [sessionId, leases] of bySession) await index.freeSlots(leases, sessionId);
  }
}
