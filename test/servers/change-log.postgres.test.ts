import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adoptChanges, createChangeLog, forgoChanges } from '../../src/postgres/changes/change-log.js';
import type { Database } from '../../src/postgres/database.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { describeChangeLog } from '../conformance/change-log.js';
import { createWorld } from '../conformance/task-record-world.js';
import { recordOn, SILENT } from '../support/pglite-record.js';
import { CANCEL_TASK, openTransaction } from '../support/servers/open-transaction.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { openServerRecord } from '../support/servers/server-record.js';

describeChangeLog('Postgres', () => openServerRecord());

let server: PostgresServer;
let opened: Awaited<ReturnType<typeof recordOn>>;
let elsewhere: Database;
beforeAll(async () => {
  server = await startPostgres();
  opened = await recordOn(openServer({ url: await server.createDatabase(), log: SILENT }));
  elsewhere = openServer({ url: await server.createDatabase(), log: SILENT });
  await elsewhere.exec('CREATE TABLE note (n int)');
});
afterAll(async () => {
  await opened.close();
  await elsewhere.close();
  await server.stop();
});

describe('a transaction that commits late', () => {
  test('is not skipped: nothing is read beyond it until then', async () => {
    const log = createChangeLog(opened.db);
    const world = createWorld(opened.record);
    const [slow, quick] = [await world.submit(), await world.submit()];
    const commit = await openTransaction(opened.db, CANCEL_TASK, [world.org, slow]);
    // From here on it can not rise, whatever else the server does.
    const { safe } = await log.readChanges({ after: null, upTo: null, org: null });
    await world.cancel(quick);
    const meanwhile = await log.readChanges({ after: safe, upTo: null, org: world.org });
    expect([meanwhile.changes, meanwhile.upTo]).toEqual([[], safe]);
    expect(meanwhile.begun).toBeGreaterThanOrEqual(safe + 2);
    await commit();
    const told = async () => {
      const { changes } = await log.readChanges({ after: safe, upTo: null, org: world.org });
      return changes.map(([{ taskId, state }]) => [taskId, state]);
    };
    await expect.poll(told).toEqual([
      [slow, 'CANCELLED'],
      [quick, 'CANCELLED'],
    ]);
  });

  test('is named, in whichever database of the server it is, to a role without privileges too', async () => {
    const log = createChangeLog(opened.db);
    const commit = await openTransaction(elsewhere, 'INSERT INTO note VALUES (1)');
    const { safe } = await log.readChanges({ after: null, upTo: null, org: null });
    await createWorld(opened.record).submit();
    expect((await log.readChanges({ after: safe, upTo: null, org: null })).changes).toEqual([]);
    const writer = await log.findOldestWriter();
    expect(writer).toMatchObject({ application: 'reeve', state: 'idle in transaction', prepared: null });
    expect(writer?.database).toMatch(/^reeve_test_/);
    expect(writer?.pid).toBeGreaterThan(0);
    expect(writer?.ageMs).toBeGreaterThanOrEqual(0);

    const role = `nobody_${process.pid}`;
    const [named] = await opened.db.read<{ name: string }>(
      { name: '', text: 'SELECT current_database() AS name' },
      [],
    );
    await opened.db.exec(
      `CREATE ROLE ${role} LOGIN; GRANT CONNECT ON DATABASE ${named?.name} TO ${role}; GRANT SELECT ON task_change TO ${role}`,
    );
    const url = new URL(server.url);
    url.username = role;
    url.pathname = `/${named?.name}`;
    const asNobody = openServer({ url: url.href, log: SILENT });
    const theirs = createChangeLog(asNobody);
    expect((await theirs.findOldestWriter())?.pid).toBe(writer?.pid);
    expect((await theirs.readChanges({ after: null, upTo: null, org: null })).generation).toMatch(/^\d+\./);
    await asNobody.close();
    await commit();
  });
});

describe('a record that comes from elsewhere', () => {
  test('is made to note its changes, from then on, whatever there was', async () => {
    const { db } = opened;
    const log = createChangeLog(db);
    const world = createWorld(opened.record);
    const stands = () => log.readChanges({ after: null, upTo: null, org: null });
    await world.submit();
    const before = await stands();
    await adoptChanges(db);
    expect((await stands()).oldest).toBe(before.oldest);

    await forgoChanges(db);
    await world.submit();
    // What another server had noted, whose transactions were a million further.
    await db.exec(`DELETE FROM task_change; INSERT INTO task_change (xid, org, task_ids, seqs, states)
      VALUES ('${before.begun + 1_000_000}'::xid8, '${world.org}', '{}', '{}', '{}')`);
    await adoptChanges(db);
    const after = await stands();
    expect(after.oldest).toBeGreaterThan(before.begun);
    expect(after.oldest).toBeLessThan(before.begun + 1_000);
    const taskId = await world.submit();
    const told = async () => (await log.readChanges({ after: after.oldest, upTo: null, org: null })).changes;
    await expect.poll(async () => (await told()).map(([change]) => change.taskId)).toEqual([taskId]);
  });
});

describe('on a table that grew behind its statistics', () => {
  test('changes are read by their index', async () => {
    const { db } = opened;
    await db.exec(`ANALYZE task_change; INSERT INTO task_change (org, task_ids, seqs, states)
      SELECT 'full', ARRAY[gen_random_uuid()], '{1}', '{QUEUED}' FROM generate_series(1, 100000)`);
    const ran: { name: string; text: string; values: readonly unknown[] }[] = [];
    const noting: Database = {
      ...db,
      read: (statement, values) => {
        ran.push({ ...statement, values });
        return db.read(statement, values);
      },
    };
    const log = createChangeLog(noting);
    const { safe } = await log.readChanges({ after: 5, upTo: 6, org: null });
    await log.readChanges({ after: safe, upTo: null, org: null });
    await log.readChanges({ after: safe, upTo: safe + 9, org: 'one' });
    expect(ran).toHaveLength(3);
    for (const { name, text, values } of ran) {
      // A plan of one that is prepared might be of the table as it was.
      expect(name).toBe('');
      const rows = await db.read<{ 'QUERY PLAN': string }>(
        { name: '', text: `EXPLAIN (COSTS OFF) ${text}` },
        values,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('using task_change_xid_idx');
      expect(plan).not.toMatch(/Seq Scan on task_change/);
    }
  });
});
