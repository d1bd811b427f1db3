import type { Claim } from '../../domain/tasks/lease.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const FIND_RESULTS = loadStatement('./find-results.sql', import.meta.url);

export interface FoundResult {
  readonly result_id: string;
  readonly agent_id: string;
}

/** The results that claims have left, where they have. */
export async function findResults<Item extends Claim>(
  db: Database,
  claims: readonly Item[],
): Promise<ReadonlyMap<Item, FoundResult>> {
  if (claims.length === 0) return new Map();
  const rows = await db.read<FoundResult & { readonly n: number }>(FIND_RESULTS, [
    claims.map((c) => c.org),
    claims.map((c) => c.taskId),
    claims.map((c) => c.epoch),
  ]);
  return new Map(rows.map((row) => [claims[row.n - 1] as Item, row]));
}
