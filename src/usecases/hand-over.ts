import type { Lease } from '../domain/tasks/lease.js';
import type { Payload } from '../domain/tasks/task.js';
import type { Reservation } from '../ports/ready-index.js';
import type { TaskChange } from '../ports/task-changes.js';
import type { Ports } from './ports.js';
import { returnTasks } from './return-tasks.js';

/** A reservation whose claim is committed. */
export interface Claimed {
  readonly reservation: Reservation;
  readonly change: TaskChange;
  readonly lease: Lease;
  readonly body: Uint8Array;
  readonly createTime: number;
  /** Of the task. */
  readonly kind: string;
  /** What an earlier attempt left. Default: none did. */
  readonly checkpoint?: Payload;
}

/**
 * Sends claims to their agents; but what is old by now, or whose agent is gone, goes back, at
 * no cost of an attempt.
 *
 * @param began when they were reserved, monotonic, ms
 */
export const handOver =
  (ports: Ports) =>
  async (claims: readonly Claimed[], began: number): Promise<void> => {
    if (claims.length === 0) return;
    const { index, clock, rules, sessions } = ports;
    const due = clock.now() + rules.acceptMs;
    await index.hintLeases(
      claims.map(({ lease: { org, taskId, epoch } }) => ({ org, taskId, epoch, due })),
      'CLAIMED',
    );
    const deliveries = claims.map(({ reservation: { sessionId }, lease, kind, ...given }) => {
      const { body, createTime, checkpoint } = given;
      const chosen = { ...lease, chosen: { kind, at: began } };
      return { sessionId, lease: chosen, body, createTime, ...(checkpoint && { checkpoint }) };
    });
    const stale = clock.monotonic() - began > rules.staleAssignmentMs;
    const unsent = stale ? deliveries : sessions.deliver(deliveries);
    const unsentIds = new Set(unsent.map(({ lease }) => lease.taskId));
    const reservations = claims.map(({ reservation }) => reservation);
    await index.confirm(
      claims
        .filter(({ reservation: { taskId } }) => !unsentIds.has(taskId))
        .map(({ reservation, change: { seq }, lease: { epoch } }) => ({ reservation, epoch, seq })),
    );
    // What its agent never saw costs it no credit: it would not grant it again.
    await index.release(
      reservations
        .filter(({ taskId }) => unsentIds.has(taskId))
        .map((reservation) => ({ reservation, requeue: false })),
    );
    await ports.failpoints.hit('claim.after-send');
    ports.changes.publish(claims.map(({ change }) => change));
    await returnTasks(ports)(
      unsent.map(({ lease }) => lease),
      'NOT_SENT',
    );
  };
