import { expireLeases } from '../usecases/expire-leases.js';
import type { Ports } from '../usecases/ports.js';
import { createDueService, RETRY_MS } from './due-service.js';
import type { Service } from './service.js';

/**
 * Ends leases that have run out, assignments nobody accepted, attempts that took too long. None while
 * the record is away, and some time after: who lives prolongs its lease first.
 */
export function createLeaseReaper(ports: Ports, everyMs = 250): Service {
  const { index, outages, clock } = ports;
  const expire = expireLeases(ports);
  return createDueService({
    name: 'lease-reaper',
    ports,
    everyMs,
    take: (max) => index.takeDueHints(max),
    async act(due) {
      if (due.length === 0 || (await outages.settled())) return expire(due);
      await index.hintLeases(due.map((hint) => ({ ...hint, due: clock.now() + RETRY_MS })));
    },
    putBack: (later) => index.hintLeases(later),
  });
}
