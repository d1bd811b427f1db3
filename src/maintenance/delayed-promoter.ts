import type { Ports } from '../usecases/ports.js';
import { promoteTasks } from '../usecases/promote-tasks.js';
import { createDueService } from './due-service.js';
import type { Service } from './service.js';

/** Puts delayed tasks into their lanes when they are due. */
export function createDelayedPromoter(ports: Ports, everyMs = 50): Service {
  const { index } = ports;
  return createDueService({
    name: 'delayed-promoter',
    ports,
    everyMs,
    take: (max) => index.takeDue(max),
    act: promoteTasks(ports),
    putBack: (later) => index.delay(later),
  });
}
