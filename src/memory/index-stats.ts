import type { Instances } from '../matching/instances.js';
import type { IndexStats } from '../ports/ready-index.js';
import type { MemoryTasks } from './entry.js';
import type { ReadyTasks } from './ready-tasks.js';

interface Counted {
  readonly size: number;
}

/** How much is where. */
export function indexStats(parts: {
  readonly ready: ReadyTasks;
  readonly delayed: Counted;
  readonly reserved: Counted;
  readonly slots: Counted;
  readonly instances: Instances<MemoryTasks>;
}): IndexStats {
  const { ready, delayed, reserved, slots, instances } = parts;
  const lanes = [...instances.groups(null)].flatMap((group) => [...group.lanes.values()]);
  const parked = lanes.filter(
    ({ held, group, tasks }) => held || group.free.size === 0 || tasks.nothingMayGo,
  );
  return {
    queued: ready.size,
    delayed: delayed.size,
    reserved: reserved.size,
    lanes: lanes.length,
    parkedLanes: parked.length,
    perTier: ready.perTier,
    instances: instances.size,
    inFlight: slots.size,
  };
}
