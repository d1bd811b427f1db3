import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEASED_STATES, TASK_STATES, TERMINAL_STATES } from '../../src/domain/tasks/task-state.js';
import { isOver, NODE_STATES, WORKFLOW_ENDS, WORKFLOW_STATES } from '../../src/domain/workflows/workflow.js';
import type { Database } from '../../src/postgres/database.js';
import { migrate, parseMigration, readMigrations } from '../../src/postgres/migrate.js';
import { ensurePartitions, firstId, partitionName } from '../../src/postgres/partitions.js';
import { openEmptyPglite } from '../support/pglite-record.js';

let db: Database;
beforeAll(async () => {
  db = await openEmptyPglite();
  await migrate(db);
});
afterAll(() => db.close());

let queries = 0;
const query = <Row>(text: string, values: readonly unknown[] = []) =>
  db.read<Row>({ name: `query-${++queries}`, text }, values);

describe('the table of tasks', () => {
  const insert = {
    name: 'insert-task',
    text: `INSERT INTO task (org, id, state, open, tier, band, score, seq, create_time, lease_expires_at, run_time,
        finish_time)
      VALUES ('default', $1::uuid, $2, $3::boolean, 'NORMAL', 'OTHER', 0, 1, now(),
        CASE WHEN $4::boolean THEN now() END, CASE WHEN $2 = 'SCHEDULED' THEN now() END,
        CASE WHEN NOT $3::boolean THEN now() END)`,
  };
  const accepts = async (state: string, open: boolean, leased: boolean) => {
    try {
      await db.write(insert, [randomUUID(), state, open, leased]);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: '23514' });
      return false;
    }
  };

  test.each(TASK_STATES)('holds %s as the state table has it', async (state) => {
    const terminal = (TERMINAL_STATES as readonly string[]).includes(state);
    const holds = (LEASED_STATES as readonly string[]).includes(state);
    for (const open of [true, false]) {
      for (const leased of [true, false]) {
        expect(await accepts(state, open, leased), `open ${open}, leased ${leased}`).toBe(
          open === !terminal && leased === holds,
        );
      }
    }
  });

  test('holds no other state', async () => {
    for (const open of [true, false]) expect(await accepts('PAUSED', open, false)).toBe(false);
    const [row] = await query<{ definition: string }>(
      "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = 'task_state_known'",
    );
    expect(row?.definition.match(/(?<=')[A-Z_]+(?=')/g)?.sort()).toEqual([...TASK_STATES].sort());
  });

  test('has indexes besides its key over nothing that a transition changes but the end', async () => {
    const rows = await query<{ indexdef: string }>(
      "SELECT indexdef FROM pg_indexes WHERE tablename = 'task' ORDER BY indexname",
    );
    expect(rows.map((row) => row.indexdef.replace(/^.* USING /, ''))).toEqual([
      'btree (org, id) WHERE open',
      'btree (org, id)',
      'btree (workflow_id, workflow_node, workflow_run, workflow_item, org) WHERE (workflow_id IS NOT NULL)',
      'btree (workflow_id, id, org) WHERE (open AND (workflow_id IS NOT NULL))',
    ]);
  });

  test('every unique key of the record has the organisation in it', async () => {
    const rows = await query<{ table: string; columns: string }>(`
      SELECT c.relname AS table, string_agg(a.attname, ' ') AS columns
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
      WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('schema_migration', 'leader')
      GROUP BY i.indexrelid, c.relname`);
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.filter((row) => !row.columns.split(' ').includes('org'))).toEqual([]);
  });
});

describe('the tables of workflows', () => {
  /** The words of a CHECK constraint. */
  const words = async (constraint: string) => {
    const [row] = await query<{ definition: string }>(
      'SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = $1',
      [constraint],
    );
    return row?.definition.match(/(?<=')[A-Z_]+(?=')/g)?.sort();
  };
  const insert = {
    name: 'insert-workflow',
    text: `INSERT INTO workflow (org, id, state, open, version, seq, run, context_version, parts, create_time, finish_time,
        wake_time)
      VALUES ('default', $1::uuid, $2, $3::boolean, 1, 1, 1, 0, 0, now(), CASE WHEN $4::boolean THEN now() END,
        CASE WHEN $5::boolean THEN now() END)`,
  };
  const accepts = async (state: string, open: boolean, finished: boolean, wakes: boolean) => {
    try {
      await db.write(insert, [randomUUID(), state, open, finished, wakes]);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: '23514' });
      return false;
    }
  };

  test.each(WORKFLOW_STATES)('hold %s as an end or not', async (state) => {
    for (const open of [true, false]) {
      for (const finished of [true, false]) {
        for (const wakes of [true, false]) {
          const said = `open ${open}, finished ${finished}, wakes ${wakes}`;
          expect(await accepts(state, open, finished, wakes), said).toBe(
            open !== isOver(state) && finished === isOver(state) && (open || !wakes),
          );
        }
      }
    }
  });

  test('hold no other state', async () => {
    expect(await words('workflow_state_known')).toEqual([...WORKFLOW_STATES].sort());
    expect(await words('workflow_end_known')).toEqual([...WORKFLOW_ENDS].sort());
    expect(await words('workflow_node_state_known')).toEqual([...NODE_STATES].sort());
  });
});

describe('migrate', () => {
  test('does nothing the second time', async () => {
    await migrate(db);
    const rows = await query<{ version: number }>('SELECT version FROM schema_migration ORDER BY version');
    expect(rows.map((row) => row.version)).toEqual(readMigrations().map((m) => m.version));
  });

  test('refuses a migration that is not the one applied under its number', async () => {
    const changed = readMigrations().map((m) => ({ ...m, checksum: 'another' }));
    await expect(migrate(db, changed)).rejects.toMatchObject({ reason: 'SCHEMA_DIFFERS' });
  });

  test('a migration that fails leaves nothing behind', async () => {
    const sql = '-- min_coordinator: 1\nCREATE TABLE half (a int); SELECT 1 / 0;';
    const broken = [...readMigrations(), parseMigration('9000_broken.sql', sql)];
    await expect(migrate(db, broken)).rejects.toMatchObject({ code: '22012' });

    expect(await query("SELECT FROM pg_class WHERE relname = 'half'")).toEqual([]);
    expect(await query('SELECT FROM schema_migration WHERE version = 9000')).toEqual([]);
  });

  test('two at once apply each migration once', async () => {
    const sql = '-- min_coordinator: 1\nCREATE TABLE both_want_it (a int);';
    const known = [...readMigrations(), parseMigration('0900_twice.sql', sql)];
    await Promise.all([migrate(db, known), migrate(db, known)]);

    expect(await query('SELECT FROM schema_migration WHERE version = 900')).toHaveLength(1);
  });

  test('an older coordinator serves a newer schema until it is told not to', async () => {
    const harmless = parseMigration('0901_more.sql', '-- min_coordinator: 1\nCREATE TABLE more (a int);');
    const breaking = parseMigration('0902_break.sql', '-- min_coordinator: 902\nDROP TABLE more;');
    const newer = [...readMigrations(), harmless];
    await migrate(db, newer);
    await migrate(db);
    await migrate(db, [...newer, breaking]);

    await expect(migrate(db)).rejects.toMatchObject({ reason: 'SCHEMA_TOO_NEW' });
    await db.exec('DELETE FROM schema_migration WHERE version >= 900');
  });

  test('files are named and headed as migrations', () => {
    expect(() => parseMigration('1_x.sql', '-- min_coordinator: 1\n')).toThrow();
    expect(() => parseMigration('0001_x.sql', 'SELECT 1')).toThrow();
  });
});

describe('ensurePartitions', () => {
  const DAY = 86_400_000;
  const partitions = async (table: string) => {
    const rows = await query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1`,
      [table],
    );
    return rows.map((row) => row.name);
  };
  const eventDay = async (id: string) => {
    const [row] = await query<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM task_event WHERE task_id = $1::uuid',
      [id],
    );
    return row?.name;
  };
  const insertEvent = (id: string) =>
    db.exec(`INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
      VALUES ('default', '${id}', 1, 'SUBMITTED', 'QUEUED', 0, 0, 0, 0)`);

  test('makes the coming days, by name, and is idempotent', async () => {
    const start = Date.UTC(2031, 1, 27, 13);
    await ensurePartitions(db, start, 2);
    await ensurePartitions(db, start + DAY, 2);

    for (const table of ['task_spec', 'task_result', 'task_event']) {
      const names = await partitions(table);
      for (const day of ['20310227', '20310228', '20310301', '20310302']) {
        expect(names).toContain(`${table}_${day}`);
      }
    }
  });

  test('rows go to the day of their id, to the very edge', async () => {
    const start = Date.UTC(2032, 0, 1);
    await ensurePartitions(db, start, 1);
    const first = firstId(start).replace('-0000-0000-', '-7000-8000-');
    const last = firstId(start + DAY - 1).replace('-0000-0000-000000000000', '-7fff-bfff-ffffffffffff');
    for (const id of [first, last]) await insertEvent(id);

    expect(await eventDay(first)).toBe(partitionName('task_event', start));
    expect(await eventDay(last)).toBe(partitionName('task_event', start));
  });

  test('rows that came before their partition are moved into it', async () => {
    const start = Date.UTC(2033, 5, 5);
    const id = firstId(start + 1_000);
    await insertEvent(id);
    expect(await eventDay(id)).toBe('task_event_default');
    await ensurePartitions(db, start, 0);

    expect(await eventDay(id)).toBe('task_event_20330605');
  });
});
