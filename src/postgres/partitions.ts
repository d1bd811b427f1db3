import type { Database } from './database.js';

const DAY_MS = 86_400_000;
/** How long everybody may wait for a drop that waits for a lock, in ms. */
const DROP_WAITS_MS = 500;
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
  const today = dayOf(nowMs);
  for (let day = 0; day <= daysAhead; day++) {
    const start = today + day * DAY_MS;
    for (const table of PARTITIONED) {
      const partition = partitionName(table, start);
      if (existing.has(partition)) continue;
      await db.exec(createPartition(table, partition, firstId(start), firstId(start + DAY_MS)));
    }
  }
}

/**
 * Drops the partitions of the days before `beforeMs`, whole, except those of `keptDays` (when they
 * begin, in ms). Answers how many days. Everything that comes after a drop waits for it, and it for
 * all that is under way: so it gives up soon, and rejects, to be tried again later.
 */
export async function dropDays(
  db: Database,
  beforeMs: number,
  keptDays: ReadonlySet<number>,
): Promise<number> {
  const rows = await db.read<{ name: string }>(LIST_PARTITIONS, [PARTITIONED]);
  const dropped = new Set<number>();
  for (const { name } of rows) {
    const day = dayOfPartition(name);
    if (day === undefined || day + DAY_MS > beforeMs || keptDays.has(day)) continue;
    await db.exec(
      `BEGIN; SET LOCAL lock_timeout = '${DROP_WAITS_MS}ms'; DROP TABLE IF EXISTS ${name}; COMMIT`,
    );
    dropped.add(day);
  }
  return dropped.size;
}

/** When the day of an id begins, in ms. */
export function dayOfId(id: string): number {
  return dayOf(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** When the day of a time begins, by UTC; both in ms. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS;
}

/** `undefined` for the default partition. */
function dayOfPartition(name: string): number | undefined {
  const [, year, month, day] = /_(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day));
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
