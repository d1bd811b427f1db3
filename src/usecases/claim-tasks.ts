import { isLeased } from '../domain/tasks/task-state.js';
import type { LeaseHint, Reservation } from '../ports/ready-index.js';
import type { ClaimOutcome } from '../ports/task-record.js';
import { type Claimed, handOver } from './hand-over.js';
import type { Ports } from './ports.js';
import { mayNeedValidation, validateReserved } from './validate-tasks.js';

/** Turns reservations into claims and sends them: nothing is sent before its claim is committed. */
export const claimTasks =
  (ports: Ports) =>
  async (reserved: readonly Reservation[]): Promise<void> => {
    const { record, index, clock, rules, failpoints } = ports;
    await failpoints.hit('claim.after-reserve');
    const began = clock.monotonic();
    let reservations = reserved;
    if (mayNeedValidation(ports, reserved)) {
      try {
        reservations = await validateReserved(ports, reserved);
      } catch (error) {
        await index.release(reserved.map((reservation) => ({ reservation, requeue: true })));
        throw error;
      }
    }
    if (reservations.length === 0) return;
    const requests = reservations.map(({ org, taskId, agentId, requestId, selection = null }) => ({
      org,
      taskId,
      agentId,
      requestId,
      selection,
      acceptWithinMs: rules.assignedMs,
    }));
    let outcomes: readonly ClaimOutcome[];
    try {
      outcomes = await record.claimTasks(requests);
    } catch (error) {
      await index.release(reservations.map((reservation) => ({ reservation, requeue: true })));
      throw error;
    }

    const claimed: Claimed[] = [];
    const refused: Reservation[] = [];
    const hints: LeaseHint[] = [];
    reservations.forEach((reservation, i) => {
      const outcome = outcomes[i];
      if (outcome?.kind === 'OK') {
        const { kind: _, taskKind: kind, ...claim } = outcome;
        claimed.push({ reservation, ...claim, kind });
        return;
      }
      refused.push(reservation);
      // Somebody holds it, perhaps by a claim whose commit was not answered: look at it when that lapses.
      if (outcome?.kind === 'REFUSED' && isLeased(outcome.state)) {
        const { org, taskId } = reservation;
        hints.push({ org, taskId, epoch: outcome.epoch, due: clock.now() + rules.assignedMs });
      }
    });
    await index.release(refused.map((reservation) => ({ reservation, requeue: false })));
    await index.hintLeases(hints);
    await handOver(ports)(claimed, began);
  };
