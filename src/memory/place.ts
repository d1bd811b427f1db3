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
  let tasks: Entry[] = [];
  let last: Entry | undefined;
  let count = 0;
  for (const other of lane.tasks.before((one) => isAll || byScore(one, entry) < 0)) {
    count += 1;
    if (last === undefined || byScore(other, last) < 0) tasks.push(other);
    if (tasks.length === 2 * MOST_NAMED) {
      tasks = tasks.sort(byScore).slice(0, MOST_NAMED);
      last = tasks.at(-1);
    }
    if (count === MOST_COUNTED) break;
  }
  return { count, tasks: tasks.sort(byScore).slice(0, MOST_NAMED) };
}
