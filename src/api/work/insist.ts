import { mayPass } from '../../domain/record-errors.js';
import type { SessionContext } from './session-context.js';

/** How long to wait before the next try: from, to, in ms; at random up to it. */
const FIRST_MS = 100;
const MOST_MS = 1_000;

/**
 * Does what an agent has said. While the record is away it is tried until that is back: an agent says
 * things once a stream, and says again on the next one what was not answered. So it is given up
 * when the stream is over; and for a unary call at once, since that can be repeated.
 */
export async function insist<T>(session: SessionContext, work: () => Promise<T>): Promise<T> {
  for (let limitMs = FIRST_MS; ; limitMs = Math.min(MOST_MS, limitMs * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!session.insists || !mayPass(error)) throw error;
      const { clock, ids } = session.world.ports;
      await new Promise<void>((resolve) => clock.after(limitMs * (0.5 + ids.random() / 2), resolve));
      if (!session.insists) throw error;
    }
  }
}
