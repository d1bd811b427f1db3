import { createDurationRecord } from '../../src/postgres/durations/duration-record.js';
import type { OpenedDurationRecord } from '../conformance/duration-record.js';
import type { PgliteRecord } from './pglite-record.js';

/** The record of durations on a Postgres. Time passes by what is known becoming older. */
export function durationsOn({ db, close }: Pick<PgliteRecord, 'db' | 'close'>): OpenedDurationRecord {
  return {
    durations: createDurationRecord(db),
    later: (ms) =>
      db.exec(
        `UPDATE kind_duration SET move_time = move_time - ${ms} * interval '1 ms', update_time = update_time - ${ms} * interval '1 ms'`,
      ),
    close,
  };
}
