import type { Lease } from '../domain/tasks/lease.js';
import { isLeased } from '../domain/tasks/task-state.js';
import type { Delivery } from '../ports/agent-sessions.js';
import type { LeaseHint, Reservation } from '../ports/ready-index.js';
import type { ClaimOutcome } from '../ports/task-record.js';
import type { Ports } from './ports.js';
import { returnTasks } from './return-tasks.js';

/**
 * Turns reservations into claims and sends them. Nothing is sent before its claim is
 * committed, and nothing that is old by then: it goes back instead, at no cost of an
 * attempt.
 */
export const claimTasks =
  (ports: Ports) =>
  async (reservations: readonly Reservation[]): Promise<void> => {
    const { record, index, clock, rules, failpoints } = ports;
    await failpoints.hit('claim.after-reserve');
    const began = clock.monotonic();
    const requests = reservations.map(({ org, taskId, agentId }) => ({
      org,
      taskId,
      agentId,
      acceptWithinMs: rules.assignedMs,
    }));
    let outcomes: readonly ClaimOutcome[];
    try {
      outcomes = await record.claimTasks(requests);
    } catch (error) {
      await index.release(reservations.map((reservation) => ({ reservation, requeue: true })));
      throw error;
    }

    const claimed: Reservation[] = [];
    const refused: { reservation: Reservation; requeue: boolean }[] = [];
    const deliveries: Delivery[] = [];
    const hints: LeaseHint[] = [];
    const due = clock.now() + rules.acceptMs;
    reservations.forEach((reservation, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind === 'OK') {
        const { lease, body, createTime } = outcome;
        claimed.push(reservation);
        deliveries.push({ sessionId: reservation.sessionId, lease, body, createTime });
        hints.push({ org: lease.org, taskId: lease.taskId, epoch: lease.epoch, due });
        return;
      }
      refused.push({ reservation, requeue: false });
      // Somebody holds it, perhaps by a claim whose commit was not answered: look at it when that lapses.
      if (outcome?.kind === 'REFUSED' && isLeased(outcome.state)) {
        const { org, taskId } = reservation;
        hints.push({ org, taskId, epoch: outcome.epoch, due: clock.now() + rules.assignedMs });
      }
    });
    await index.hintLeases(hints);

    const stale = clock.monotonic() - began > rules.staleAssignmentMs;
    const unsent = stale ? deliveries : ports.sessions.deliver(deliveries);
    // What its agent never saw costs it no credit: it would not grant it again.
    const unsentIds = new Set(unsent.map(({ lease }) => lease.taskId));
    for (const reservation of claimed) {
      if (unsentIds.has(reservation.taskId)) refused.push({ reservation, requeue: false });
    }
    await index.confirm(claimed.filter(({ taskId }) => !unsentIds.has(taskId)));
    await index.release(refused);
    await failpoints.hit('claim.after-send');
    ports.changes.publish(outcomes.flatMap((o) => (o.kind === 'OK' ? [o.change] : [])));
    const unsentLeases: readonly Lease[] = unsent.map((d) => d.lease);
    await returnTasks(ports)(unsentLeases, 'NOT_SENT');
  };
