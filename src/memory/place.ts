import type { LanePlace } from '../domain/explain/lane-place.js';
import { byScore } from '../matching/lanes.js';
import { type Before, MOST_COUNTED, MOST_NAMED, type PlaceWorld, placeOf } from '../matching/place.js';
import type { Entry, MemoryLane, MemoryTasks } from './entry.js';

/** Where a task stands that is in a lane. */
export function memoryPlace(
  entry: Entry,
  world: Omit<PlaceWorld<MemoryTasks>, 'before' | 'turn'>,
): LanePlace {
  const { lane } = entry;
  const turn = lane.tasks.turn(entry);
  return placeOf(entry, lane, { ...world, turn, before: (other) => before(other, entry) });
}

function before(lane: MemoryLane, entry: Entry): Before {
  const isAll = lane.band !== entry.lane.band;
  let tasks: Entry[] = [];
  let last: Entry | undefined;
  let count = 0;
  const isBefore = (one: Entry) => isAll || byScore(one, entry) < 0;
  for (const other of tasksBefore(lane, isBefore)) {
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

function* tasksBefore({ tasks }: MemoryLane, isBefore: (one: Entry) => boolean): Generator<Entry> {
  for (const heap of tasks.heaps()) yield* heap.before(isBefore);
}
