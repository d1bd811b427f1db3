import type { TaskKey } from '../ports/ready-index.js';
import type { Changed } from '../ports/task-record.js';
import type { Ports } from './ports.js';

/**
 * Brings the index and the watchers up to what the record just committed for tasks whose
 * lease has ended: their slots are free, and those that are to run again wait in a lane or
 * until they are due.
 */
export async function applyChanges(ports: Ports, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  const keys: TaskKey[] = changed.map((c) => c.change);
  await ports.index.freeSlots(keys);
  await ports.index.dropHints(keys);

  const ready = changed.filter((c) => c.change.state === 'QUEUED');
  const delayed = changed.filter((c) => c.change.state === 'SCHEDULED');
  await ports.index.add(ready.flatMap((c) => c.ready ?? []));
  await ports.index.delay(
    delayed.flatMap(({ ready, runTime }) => {
      if (!ready) return [];
      const { org, taskId, tier } = ready;
      return [{ org, taskId, tier, due: runTime ?? ports.clock.now() }];
    }),
  );
  ports.changes.publish(changed.map((c) => c.change));
}
