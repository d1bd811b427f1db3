import type { Lease } from '../../domain/tasks/lease.js';
import type { SessionContext } from './session-context.js';

/**
 * Looks in the record for claims that a session does not know: work that came on an older stream
 * of the same process, perhaps at another coordinator, after that process had said Hello here.
 * Those that are its agent's become leases of the session.
 */
export async function takeUp(
  session: SessionContext,
  claims: readonly { readonly taskId: string; readonly epoch: number }[],
): Promise<void> {
  const { world, org, peer } = session;
  if (!session.onTakenUp || claims.length === 0) return;
  const states = await world.ports.record.getLeases(claims.map((claim) => ({ org, ...claim })));
  const leases = states.flatMap((state): Lease[] => {
    const isOurs = state && state.lease.agentId === peer.agentId && state.remainingMs > 0;
    return isOurs && !session.settling.has(state.lease.taskId) ? [state.lease] : [];
  });
  if (leases.length === 0) return;
  for (const lease of leases) session.leases.set(lease.taskId, lease);
  await session.onTakenUp();
}
