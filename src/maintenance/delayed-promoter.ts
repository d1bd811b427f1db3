import type { Ports } from '../usecases/ports.js';
import { promoteTasks } from '../usecases/promote-tasks.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;

/** Puts delayed tasks into their lanes when they are due. */
export function createDelayedPromoter(ports: Ports, everyMs = 50): Service {
  const promote = promoteTasks(ports);
  const { clock, log, index } = ports;
  return createTicker({
    name: 'delayed-promoter',
    clock,
    log,
    everyMs,
    async tick() {
      const due = await index.takeDue(BATCH);
      try {
        await promote(due);
      } catch (error) {
        await index.delay(due.map((d) => ({ ...d, due: clock.now() + 1_000 })));
        throw error;
      }
      return due.length === BATCH;
    },
  });
}
