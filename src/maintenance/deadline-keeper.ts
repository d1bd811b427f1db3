import type { Ports } from '../usecases/ports.js';
import { timeOutTasks } from '../usecases/time-out-tasks.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;

/** Ends tasks whose deadline has passed. */
export function createDeadlineKeeper(ports: Ports, everyMs = 250): Service {
  const timeOut = timeOutTasks(ports);
  const { clock, log, deadlines } = ports;
  return createTicker({
    name: 'deadline-keeper',
    clock,
    log,
    everyMs,
    async tick() {
      const due = await deadlines.takeDue(BATCH);
      try {
        await timeOut(due);
      } catch (error) {
        await deadlines.watch(due.map((d) => ({ ...d, due: clock.now() + 1_000 })));
        throw error;
      }
      return due.length === BATCH;
    },
  });
}
