import { expireLeases } from '../usecases/expire-leases.js';
import type { Ports } from '../usecases/ports.js';
import type { ClockWatch } from './clock-watch.js';
import { createDueService, RETRY_MS } from './due-service.js';
import type { Service } from './service.js';

/**
 * Ends leases that have run out, assignments nobody accepted, attempts that took too long. None while
 * the record is away, and some time after: who lives prolongs its lease first. On a clock that has
 * jumped (`watch`) no lease has run out.
 */
export function createLeaseReaper(
  ports: Ports,
  everyMs = 250,
  watch: ClockWatch = { look: async () => undefined, mend: async () => undefined },
): Service {
  const { index, outages, clock } = ports;
  const expire = expireLeases(ports);
  return createDueService({
    name: 'lease-reaper',
    ports,
    everyMs,
    take: (max) => index.takeDueHints(max),
    async act(due) {
      if (due.length === 0) return;
      if (!(await outages.settled())) {
        await index.hintLeases(due.map((hint) => ({ ...hint, due: clock.now() + RETRY_MS })));
        return;
      }
      await watch.look();
      await watch.mend();
      await expire(due);
    },
    putBack: (later) => index.hintLeases(later),
  });
}
