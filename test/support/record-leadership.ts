import { createLeadership } from '../../src/postgres/leader/leadership.js';
import type { OpenedLeadership } from '../conformance/leadership.js';
import type { PgliteRecord } from './pglite-record.js';

/** Leaderships on a record, each with a row of its own. */
export function leadershipsOn({ db, close }: Pick<PgliteRecord, 'db' | 'close'>): OpenedLeadership {
  let count = 0;
  return {
    create() {
      const name = `test ${++count}`;
      return {
        leadership: createLeadership(db, name),
        expire: () =>
          db.exec(`UPDATE leader SET expires_at = now() - interval '1 ms' WHERE name = '${name}'`),
      };
    },
    close,
  };
}
