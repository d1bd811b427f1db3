import type { Accept, Claim, Decline, Renew } from '@reeve/sdk/protocol';
import type { Lease } from '../../domain/tasks/lease.js';
import { acceptTasks } from '../../usecases/accept-tasks.js';
import { renewLeases } from '../../usecases/renew-leases.js';
import { returnTasks } from '../../usecases/return-tasks.js';
import { insist } from './insist.js';
import { lost, toLeaseUpdate, workResponse } from './messages.js';
import type { SessionContext } from './session-context.js';
import { takeUp } from './take-up.js';

/** What a claim takes while it waits, about. */
const CLAIM_BYTES = 1_000;

/** Records that assignments have begun; tells the agent of those that were lost before. */
export async function receiveAccept(
  session: SessionContext,
  { claims }: Pick<Accept, 'claims'>,
): Promise<void> {
  const { held, unknown } = await sort(session, claims);
  if (unknown.length > 0) session.send(lost(unknown));
  let gone: readonly Lease[] = [];
  await session.backlog.keep(held.length * CLAIM_BYTES, async () => {
    gone = await insist(session, () => acceptTasks(session.world.ports)(held));
  });
  // A result that overtakes its accept ends the lease in order: that one is not lost.
  const taken = gone.filter(
    ({ taskId, epoch }) => session.leases.get(taskId)?.epoch === epoch && !session.settling.has(taskId),
  );
  for (const lease of taken) session.forget(lease.taskId);
  if (taken.length > 0) session.send(lost(taken));
}

/** Gives assignments back that the agent does not take. */
export async function receiveDecline(
  session: SessionContext,
  { claims, reason }: Pick<Decline, 'claims' | 'reason'>,
): Promise<void> {
  const { held } = await sort(session, claims);
  for (const lease of held) session.forget(lease.taskId);
  await session.backlog.keep(held.length * CLAIM_BYTES, async () => {
    await insist(session, () => returnTasks(session.world.ports)(held, reason || 'DECLINED'));
  });
}

/** Prolongs leases, and answers once the record has it. */
export async function receiveRenew(
  session: SessionContext,
  { claims }: Pick<Renew, 'claims'>,
): Promise<void> {
  const { held, unknown } = await sort(session, claims);
  const renewals = await renewLeases(session.world.ports)(held);
  const updates = held.map((lease, i) => toLeaseUpdate(lease, renewals[i] ?? { verdict: 'LOST' }));
  for (const claim of unknown) updates.push(toLeaseUpdate(claim, { verdict: 'LOST' }));
  const over = held.filter((_, i) => renewals[i]?.verdict === 'LOST');
  for (const lease of over) session.forget(lease.taskId);
  if (over.length > 0) await session.world.ports.index.freeSlots(over, session.sessionId);
  if (updates.length > 0) session.send(workResponse({ case: 'leaseUpdates', value: { updates } }));
}

interface Sorted {
  readonly held: Lease[];
  readonly unknown: { taskId: string; epoch: number }[];
}

/** Claims that are leases of this session, and those that are not. */
async function sort(session: SessionContext, claims: readonly Claim[]): Promise<Sorted> {
  const sorted = sortNow(session, claims);
  if (sorted.unknown.length === 0) return sorted;
  await takeUp(session, sorted.unknown);
  return sortNow(session, claims);
}

function sortNow(session: SessionContext, claims: readonly Claim[]): Sorted {
  const held: Lease[] = [];
  const unknown: { taskId: string; epoch: number }[] = [];
  for (const { taskId, epoch } of claims) {
    const lease = session.leases.get(taskId);
    if (lease && lease.epoch === Number(epoch)) held.push(lease);
    else unknown.push({ taskId, epoch: Number(epoch) });
  }
  return { held, unknown };
}
