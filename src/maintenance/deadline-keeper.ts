import type { Ports } from '../usecases/ports.js';
import { timeOutTasks } from '../usecases/time-out-tasks.js';
import { createDueService } from './due-service.js';
import type { Service } from './service.js';

/** Ends tasks whose deadline has passed. */
export function createDeadlineKeeper(ports: Ports, everyMs = 250): Service {
  const { deadlines } = ports;
  return createDueService({
    name: 'deadline-keeper',
    ports,
    everyMs,
    take: (max) => deadlines.takeDue(max),
    act: timeOutTasks(ports),
    putBack: (later) => deadlines.watch(later),
  });
}
