import type { LeaseClock } from '../../ports/lease-clock.js';
import type { Database } from '../database.js';
import { isPassingConflict } from '../sql-errors.js';
import { loadStatement } from '../statement.js';

const BEGIN_LEASES_ANEW = loadStatement('./begin-leases-anew.sql', import.meta.url);
const READ_CLOCK = { name: 'read-clock', text: 'SELECT clock_timestamp() AS now' };

/** Tasks looked at in one transaction. */
const PAGE = 2_000;
const BELOW_ALL = '00000000-0000-0000-0000-000000000000';

interface Row {
  readonly org: string;
  readonly id: string;
  readonly leases: number;
  readonly visited: number;
}

/** The clock of a Postgres. */
export function createLeaseClock(db: Database): LeaseClock {
  return {
    async now() {
      const [row] = await db.read<{ now: number }>(READ_CLOCK, []);
      if (!row) throw new Error('the record did not tell the time');
      return row.now;
    },
    async beginLeasesAnew({ leaseMs, assignedMs, cancelGraceMs }) {
      let count = 0;
      let after = { org: '', id: BELOW_ALL };
      for (;;) {
        const values = [after.org, after.id, PAGE, leaseMs, assignedMs, cancelGraceMs];
        const write = () => db.write<Row>(BEGIN_LEASES_ANEW, values);
        const [last] = await write().catch((error: unknown) => {
          if (isPassingConflict(error)) return write();
          throw error;
        });
        count += last?.leases ?? 0;
        if (!last || last.visited < PAGE) return count;
        after = last;
      }
    },
  };
}
