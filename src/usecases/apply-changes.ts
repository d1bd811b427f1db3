import type { Changed } from '../ports/task-record.js';
import { followChains, moveDependents } from './move-dependents.js';
import { placeTasks } from './place-tasks.js';
import type { Ports } from './ports.js';
import { wakeWorkflows } from './wake-workflows.js';

/**
 * Brings the index and the watchers up to what the record just committed for tasks whose
 * lease has ended: their slots are free, and those that are to run again wait in a lane or
 * until they are due. So do those that waited for them.
 */
export async function applyChanges(ports: Ports, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  // Who waited for one of them is in its lane before a slot goes to the next.
  const depended = changed.filter(({ dependents }) => dependents.length > 0);
  await moveDependents(
    ports,
    depended.flatMap(({ dependents }) => dependents),
  );
  const ended = changed.map(({ change: { org, taskId }, epoch }) => ({ org, taskId, epoch }));
  await ports.index.freeSlots(ended);
  await ports.index.dropHints(ended);
  await placeTasks(ports, changed);
  wakeWorkflows(ports, changed);
  const changes = changed.map(({ change }) => change);
  followChains(
    ports,
    [],
    changes.filter(({ state }) => state === 'BLOCKED'),
  );
}
