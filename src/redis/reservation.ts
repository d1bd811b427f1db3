import type { Selection } from '../domain/selection/selection.js';
import type { Reservation } from '../ports/ready-index.js';

/** A reservation as scripts write it: its id, the task, the session, its agent, the request of the grant. */
export interface ToldReservation {
  readonly rid: string;
  readonly id: string;
  readonly sid: string;
  readonly agent: string;
  /** Empty: none. */
  readonly request: string;
  /** How the agent was chosen, as JSON; left out or empty: that is not told. */
  readonly how?: string;
  /** What it counts for; left out: for nothing. */
  readonly use?: string;
}

/** @param selection as it is known here */
export function toReservation(
  org: string,
  { rid, id, sid, agent, request }: ToldReservation,
  selection: Selection | null,
): Reservation {
  const requestId = request || null;
  return { reservationId: rid, org, taskId: id, sessionId: sid, agentId: agent, requestId, selection };
}

/** One that another coordinator has made for a session of this one. */
export function receivedReservation(
  org: string,
  text: string,
): { readonly reservation: Reservation; readonly use: string } {
  const told = JSON.parse(text) as ToldReservation;
  const selection = told.how ? (JSON.parse(told.how) as Selection) : null;
  return { reservation: toReservation(org, told, selection), use: told.use ?? '' };
}
