import { createLeadership } from '../../src/postgres/leader/leadership.js';
import type { OpenedLeadership } from '../conformance/leadership.js';
import type { PgliteRecord } from './pglite-record.js';

/** Leaderships on a record, each with a row of its own. */
export function leadershipsOn({ db, close }: Pick<PgliteRecord, 'db' | 'close'>): OpenedLeadership {
  let count = 0;
  return {
    create() {
      const name = `test ${++count}`;
      const endsIn = (interval: string) =>
        db.exec(`UPDATE leader SET expires_at = now() + interval '${interval}' WHERE name = '${name}'`);
      return {
        leadership: createLeadership(db, name),
        expire: () => endsIn('-1 ms'),
        turnClockBack: () => endsIn('1 hour'),
      };
    },
    close,
  };
}
