import type { Claim } from '../../domain/tasks/lease.js';
import { LEASED_STATES, type TaskState } from '../../domain/tasks/task-state.js';
import type { LeaseState } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeLease, type LeaseColumns } from './lease-columns.js';

const GET_LEASES = loadStatement('./get-leases.sql', import.meta.url);
const AT_ONCE = 500;

interface Row extends LeaseColumns {
  readonly n: number;
  readonly state: TaskState;
  readonly agent_id: string;
  readonly remaining_ms: number;
  readonly attempt_remaining_ms: number;
  readonly has_deadline: boolean;
}

export async function getLeases(db: Database, claims: readonly Claim[]): Promise<(LeaseState | null)[]> {
  const leases: (LeaseState | null)[] = new Array(claims.length).fill(null);
  for (let from = 0; from < claims.length; from += AT_ONCE) {
    const slice = claims.slice(from, from + AT_ONCE);
    const rows = await db.read<Row>(GET_LEASES, [
      slice.map((c) => c.org),
      slice.map((c) => c.taskId),
      slice.map((c) => c.epoch),
      LEASED_STATES,
    ]);
    for (const row of rows) leases[from + row.n - 1] = decode(row, slice[row.n - 1] as Claim);
  }
  return leases;
}

function decode(row: Row, claim: Claim): LeaseState {
  return {
    lease: decodeLease(claim, row.agent_id, row),
    state: row.state,
    remainingMs: row.remaining_ms,
    attemptRemainingMs: row.has_deadline ? row.attempt_remaining_ms : null,
  };
}
