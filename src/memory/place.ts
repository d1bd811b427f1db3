import type { LanePlace } from '../domain/explain/lane-place.js';
import { byScore } from '../matching/lanes.js';
import { type Before, MOST_COUNTED, MOST_NAMED, type PlaceWorld, placeOf } from '../matching/place.js';
import type { Entry, MemoryLane, MemoryTasks } from './entry.js';

/** Where a task stands that is in a lane. */
export function memoryPlace(entry: Entry, world: Omit<PlaceWorld<MemoryTasks>, 'before'>): LanePlace {
  const { lane } = entry;
  return placeOf(entry, lane, { ...world, before: (other) => before(other, entry) });
}

function before(lane: MemoryLane, entry: Entry): Before {
  const isAll = lane.band !== entry.lane.band;
  const taskIds: string[] = [];
  let count = 0;
  for (const { taskId } of lane.tasks.before((other) => isAll || byScore(other, entry) < 0)) {
    count += 1;
    if (taskIds.length < MOST_NAMED) taskIds.push(taskId);
    if (count === MOST_COUNTED) break;
  }
  return { count, taskIds };
}
