import { expireLeases } from '../usecases/expire-leases.js';
import type { Ports } from '../usecases/ports.js';
import { createDueService } from './due-service.js';
import type { Service } from './service.js';

/** Ends leases that have run out, assignments nobody accepted, attempts that took too long. */
export function createLeaseReaper(ports: Ports, everyMs = 250): Service {
  const { index } = ports;
  return createDueService({
    name: 'lease-reaper',
    ports,
    everyMs,
    take: (max) => index.takeDueHints(max),
    act: expireLeases(ports),
    putBack: (later) => index.hintLeases(later),
  });
}
