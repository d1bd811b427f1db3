import type { Reservation } from '../ports/ready-index.js';

/** A reservation as scripts write it: its id, the task, the session, its agent, the request of the grant. */
export interface ToldReservation {
  readonly rid: string;
  readonly id: string;
  readonly sid: string;
  readonly agent: string;
  /** Empty: none. */
  readonly request: string;
}

export function toReservation(org: string, { rid, id, sid, agent, request }: ToldReservation): Reservation {
  const requestId = request || null;
  return { reservationId: rid, org, taskId: id, sessionId: sid, agentId: agent, requestId };
}

/** One that another coordinator has made for a session of this one. */
export function receivedReservation(org: string, text: string): Reservation {
  return toReservation(org, JSON.parse(text) as ToldReservation);
}
