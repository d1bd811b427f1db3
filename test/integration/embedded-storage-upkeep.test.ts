import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/postgres/database.js';
import { openPglite } from '../../src/postgres/drivers/pglite.js';
import { createUpkeep } from '../../src/postgres/drivers/upkeep.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const MEBIBYTE = 1_024 * 1_024;

let db: Database;
beforeAll(async () => {
  db = await openPglite({ dir: path.join(temporaryFolder('upkeep'), 'pg18'), log: SILENT });
});
afterAll(() => db.close());

async function walSinceCheckpoint(): Promise<number> {
  const text =
    'SELECT (pg_current_wal_insert_lsn() - redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()';
  const [row] = await db.read<{ bytes: number }>({ name: '', text }, []);
  return row?.bytes ?? 0;
}

test('the write-ahead log is cut when it has grown enough, which Postgres here never does itself', async () => {
  const upkeep = createUpkeep(db, { checkpointBytes: 4 * MEBIBYTE });
  expect(await upkeep.runIfDue()).toBe(false);
  await db.exec(
    "SELECT pg_logical_emit_message(true, 'x', repeat(md5(g::text), 4000)) FROM generate_series(1, 60) g",
  );
  expect(await walSinceCheckpoint()).toBeGreaterThan(4 * MEBIBYTE);
  expect(await upkeep.runIfDue()).toBe(true);
  expect(await walSinceCheckpoint()).toBeLessThan(MEBIBYTE);
  expect(await upkeep.runIfDue()).toBe(false);
});

test('a table whose rows were rewritten is vacuumed quickly, and now and then thoroughly', async () => {
  await db.exec('CREATE TABLE "hot Table" (id int PRIMARY KEY, n int, pad text)');
  await db.exec(`INSERT INTO "hot Table" SELECT g, 0, repeat('x', 500) FROM generate_series(1, 6000) g`);
  const state = async () => {
    await db.exec('SELECT pg_stat_force_next_flush()');
    const text = `SELECT n_dead_tup AS dead, vacuum_count::int AS vacuums, analyze_count::int AS analyses
      FROM pg_stat_user_tables WHERE relname = 'hot Table'`;
    return (await db.read<{ dead: number; vacuums: number; analyses: number }>({ name: '', text }, []))[0];
  };
  const upkeep = createUpkeep(db, {
    checkpointBytes: 1_024 * MEBIBYTE,
    deadRows: 5_000,
    changedRows: 15_000,
  });
  await db.exec('UPDATE "hot Table" SET id = id + 10000');
  expect(await state()).toEqual({ dead: 6000, vacuums: 0, analyses: 0 });
  expect(await upkeep.runIfDue()).toBe(true);
  expect(await state()).toEqual({ dead: 0, vacuums: 1, analyses: 0 });
  expect(await upkeep.runIfDue()).toBe(false);

  await db.exec('UPDATE "hot Table" SET id = id + 10000');
  expect(await state()).toMatchObject({ dead: 6000 });
  expect(await upkeep.runIfDue()).toBe(true);
  expect(await state()).toEqual({ dead: 0, vacuums: 2, analyses: 1 });
  expect(await upkeep.runIfDue()).toBe(false);
});
