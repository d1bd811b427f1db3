import type { Database } from './database.js';

const DAY_MS = 86_400_000;
const PARTITIONED = ['task_spec', 'task_result', 'task_event'] as const;

const LIST_PARTITIONS = {
  name: 'list-partitions',
  text: `SELECT c.relname AS name
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ANY ($1::regclass[])`,
};

/**
 * Creates the partitions of the day of `nowMs` and of `daysAhead` days after it, by UTC;
 * those that exist are left alone. Rows of such a day that came before its partition did
 * are moved out of the default one.
 */
export async function ensurePartitions(db: Database, nowMs: number, daysAhead: number): Promise<void> {
  const rows = await db.read<{ name: string }>(LIST_PARTITIONS, [PARTITIONED]);
  const existing = new Set(rows.map((row) => row.name));
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  for (let day = 0; day <= daysAhead; day++) {
    const start = today + day * DAY_MS;
    for (const table of PARTITIONED) {
      const partition = partitionName(table, start);
      if (existing.has(partition)) continue;
      await db.exec(createPartition(table, partition, firstId(start), firstId(start + DAY_MS)));
    }
  }
}

/** For example `task_event_20250131`. */
export function partitionName(table: string, dayMs: number): string {
  return `${table}_${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** The id no UUIDv7 made at or after `timeMs` is below. */
export function firstId(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** One transaction: a message of several statements is one. */
function createPartition(table: string, partition: string, from: string, to: string): string {
  return `
    LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE IF NOT EXISTS ${partition} (LIKE ${table} INCLUDING ALL);
    WITH moved AS (
      DELETE FROM ${table}_default WHERE task_id >= '${from}' AND task_id < '${to}' RETURNING *
    )
    INSERT INTO ${partition} SELECT * FROM moved;
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = '${partition}'::regclass) THEN
        ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM ('${from}') TO ('${to}');
      END IF;
    END $$`;
}
