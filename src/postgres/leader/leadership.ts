import type { Leadership } from '../../ports/leadership.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const HOLD_LEADERSHIP = loadStatement('./hold-leadership.sql', import.meta.url);
const GIVE_LEADERSHIP_BACK = loadStatement('./give-leadership-back.sql', import.meta.url);

const BACKGROUND_SERVICES = 'background services';

interface Row {
  readonly holder: string;
  readonly epoch: number;
  readonly remaining_ms: number;
}

/**
 * The leadership as a row of the record, on its clock. It is renewed every second: give it a
 * connection that nothing else keeps busy.
 *
 * @param name what is led
 */
export function createLeadership(db: Database, name = BACKGROUND_SERVICES): Leadership {
  return {
    async hold(holder, ttlMs) {
      const [row] = await db.write<Row>(HOLD_LEADERSHIP, [name, holder, ttlMs]);
      // No row: somebody else has just made the first one, and this statement does not see it yet.
      if (!row) return { kind: 'TAKEN', holder: '', remainingMs: 0 };
      if (row.holder === holder) return { kind: 'HELD', epoch: row.epoch };
      return { kind: 'TAKEN', holder: row.holder, remainingMs: row.remaining_ms };
    },
    async giveBack(holder) {
      await db.write(GIVE_LEADERSHIP_BACK, [name, holder]);
    },
  };
}
