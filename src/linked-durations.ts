import { createLearnedDurations, type LearnedDurations } from './memory/learned-durations.js';
import type { Clock } from './ports/clock.js';
import type { Database } from './postgres/database.js';
import { createDurationRecord } from './postgres/durations/duration-record.js';

/** How long tasks take, as all coordinators have learned it so far; rejects while the record is away. */
export async function linkDurations({
  db,
  clock,
}: {
  readonly db: Database;
  readonly clock: Clock;
}): Promise<LearnedDurations> {
  const durations = createLearnedDurations({ record: createDurationRecord(db), clock });
  await durations.load();
  return durations;
}
