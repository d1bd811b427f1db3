import { decideDueTasks } from '../usecases/decide-task.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const BATCH = 500;

/**
 * Decides tasks on which nobody said anything in time. The record is asked what is due, on its own clock: there are
 * few such tasks, so nothing of it needs to be kept in mind or handed on.
 */
export function createApprovalKeeper(ports: Ports, everyMs = 500): Service {
  const { clock, log, record } = ports;
  const decide = decideDueTasks(ports);
  return createTicker({
    name: 'approval-keeper',
    clock,
    log,
    everyMs,
    async tick() {
      const due = await record.listDueApprovals(BATCH);
      const decided = await decide(due);
      return due.length === BATCH && decided > 0;
    },
  });
}
