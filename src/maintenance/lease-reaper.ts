import { expireLeases } from '../usecases/expire-leases.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;

/** Ends leases that have run out, assignments nobody accepted, attempts that took too long. */
export function createLeaseReaper(ports: Ports, everyMs = 250): Service {
  const expire = expireLeases(ports);
  const { clock, log, index } = ports;
  return createTicker({
    name: 'lease-reaper',
    clock,
    log,
    everyMs,
    async tick() {
      const hints = await index.takeDueHints(BATCH);
      try {
        await expire(hints);
      } catch (error) {
        await index.hintLeases(hints.map((h) => ({ ...h, due: clock.now() + 1_000 })));
        throw error;
      }
      return hints.length === BATCH;
    },
  });
}
