import type { RecentStarts, RecentStartsQuery } from '../../ports/task-reads.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const LIST_RECENT_STARTS = loadStatement('./list-recent-starts.sql', import.meta.url);

interface Row {
  readonly looked: number;
  readonly starts: readonly (readonly [limits: readonly string[], agoMs: number, count: number])[];
}

export async function listRecentStarts(
  db: Database,
  { org, withinMs, limit }: RecentStartsQuery,
): Promise<RecentStarts> {
  const [row] = await db.read<Row>(LIST_RECENT_STARTS, [org, withinMs, limit]);
  const { looked, starts } = row ?? { looked: 0, starts: [] };
  return {
    starts: starts.map(([limits, agoMs, count]) => ({ limits, agoMs: Math.max(0, agoMs), count })),
    isComplete: looked < limit,
  };
}
