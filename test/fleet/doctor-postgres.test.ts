import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { transactionsOlderThan } from '../../src/postgres/doctor/open-transactions.js';
import { POOLER } from '../../src/postgres/doctor/pooler.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { migrate, readMigrations } from '../../src/postgres/migrate.js';
import { systemClock } from '../../src/system/clock.js';
import { SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { examined } from './support/examined.js';
import { olderServer } from './support/older-server.js';

const NEWEST = readMigrations().length;
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ args: ['-c', 'wal_level=logical', '-c', 'max_prepared_transactions=5'] });
});
afterAll(() => server.stop());

/** Runs SQL in a database of its own, whose schema is up to date. */
async function databaseAfter(sql: string, migrated = true): Promise<string> {
  const url = await server.createDatabase();
  const db = openServer({ url, log: SILENT });
  if (migrated) await migrate(db);
  await db.exec(sql);
  await db.close();
  return url;
}

function changed(url: string, change: Partial<URL>): string {
  return Object.assign(new URL(url), change).href;
}

const look = async (postgresUrl: string, more: Readonly<Record<string, string>> = {}) =>
  (await examined({ 'postgres-url': postgresUrl, ...more })).filter((line) => line.startsWith('postgres '));

/** What is visited, as the command visits it. */
function visitOf(url: string, preparedStatements = true) {
  const db = openServer({ url, log: SILENT, readers: 1, prepare: preparedStatements });
  onTestFinished(() => db.close());
  const use = { writers: 6, readers: 4, statementTimeoutMs: 15_000, preparedStatements };
  return { db, clock: systemClock, openedAt: systemClock.monotonic(), host: '127.0.0.1', use };
}

async function client(url: string, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const own = new pg.Client({ connectionString: url, ...options });
  await own.connect();
  onTestFinished(() => own.end());
  return own;
}

test('a role of its own in a database of its own has nothing to mend but what is off here on purpose', async () => {
  const url = await server.createDatabase();
  const admin = await client(url);
  await admin.query(`CREATE ROLE owner LOGIN; GRANT pg_read_all_stats TO owner;
    ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO owner; ALTER SCHEMA public OWNER TO owner`);
  const own = changed(url, { username: 'owner' });
  const db = openServer({ url: own, log: SILENT });
  await migrate(db);
  await db.close();
  const found = await look(own);
  expect(found.filter((line) => !/ (ok|note): | latency | disk /.test(line))).toEqual([
    'postgres durability error: fsync is off | ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();',
  ]);
  expect(found).toContain(`postgres schema ok: version ${NEWEST}`);
  expect(found).toContain('postgres rights ok: owner may do what is needed');
  expect(found).toContain('postgres open-transactions ok: none is older than 5 s');
});

test('nobody there, and no such database', async () => {
  const nowhere = await look(changed(server.url, { port: '1' }));
  expect(nowhere).toHaveLength(1);
  expect(nowhere[0]).toMatch(/^postgres server error: .*ECONNREFUSED.* \| Start it, or correct its URL/);
  const missing = await look(changed(server.url, { pathname: '/nobody_made_it' }));
  expect(missing).toHaveLength(1);
  expect(missing[0]).toMatch(/error: database "nobody_made_it" does not exist \| Make it: createdb/);
});

test('a server that is too old', async () => {
  const [found] = await look(await olderServer(server.url, /\b1[5-9]00\d\d\b/, '140011'));
  expect(found).toMatch(
    /^postgres server error: Postgres 1\S+.* is too old, 15 or later .*\| Upgrade Postgres/,
  );
});

test('a schema that is missing, older, newer, newer and of use, or another', async () => {
  const insert = (
    minCoordinator: number,
  ) => `INSERT INTO schema_migration (version, name, checksum, min_coordinator)
    VALUES (${NEWEST + 1}, 'from_the_future', 'x', ${minCoordinator})`;
  const schemaOf = async (sql: string, migrated = true) =>
    (await look(await databaseAfter(sql, migrated))).find((line) => line.startsWith('postgres schema'));
  expect(await schemaOf('', false)).toBe(
    `postgres schema error: there is no schema yet, version ${NEWEST} is needed | reeve migrate --plan, then reeve migrate`,
  );
  expect(await schemaOf(`DELETE FROM schema_migration WHERE version = ${NEWEST}`)).toMatch(
    `error: version ${NEWEST - 1}, this program needs ${NEWEST} | reeve migrate`,
  );
  expect(await schemaOf(insert(NEWEST + 1))).toMatch(
    new RegExp(
      `error: .* needs schema ${NEWEST + 1}, this one knows ${NEWEST} \\(min_coordinator\\) \\| Upgrade`,
    ),
  );
  expect(await schemaOf(insert(1))).toMatch(
    /note: version \d+, newer .* know \d+ \(min_coordinator\) \| Upgrade/,
  );
  expect(await schemaOf("UPDATE schema_migration SET checksum = 'x' WHERE version = 1")).toMatch(
    / error: migration 1 .* in another form/,
  );
});

test('commits that are not on the disk when they say so, and no autovacuum', async () => {
  const url = await databaseAfter('');
  const admin = await client(url);
  await admin.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
  const alter = async (what: string) => {
    await admin.query(`ALTER SYSTEM ${what}`);
    await admin.query('SELECT pg_reload_conf()');
  };
  const isSet = async (name: string, value: string) => {
    for (let now = ''; now !== value; ) {
      const { rows } = await admin.query(`SELECT current_setting('${name}') AS now`);
      now = rows[0].now;
    }
  };
  await alter('SET full_page_writes = off');
  await alter('SET autovacuum = off');
  onTestFinished(() => alter('RESET ALL'));
  await isSet('autovacuum', 'off');
  const found = (await look(url)).join('\n');
  expect(found).toContain(
    'durability error: full_page_writes is off | ALTER SYSTEM SET full_page_writes = on;',
  );
  expect(found).toContain('durability error: synchronous_commit is off');
  expect(found).toContain('vacuum warning: autovacuum is off | ALTER SYSTEM SET autovacuum = on;');
});

test('a role that may not use the tables, create, or see others, and has few connections', async () => {
  const url = await databaseAfter('CREATE ROLE guest LOGIN CONNECTION LIMIT 7');
  const found = (await look(changed(url, { username: 'guest' }))).join('\n');
  expect(found).toMatch(
    /rights error: guest may not read and write .*agent.* \| GRANT SELECT, INSERT, UPDATE, DELETE/,
  );
  expect(found).toMatch(
    /rights warning: guest may not create in schema public \| GRANT USAGE, CREATE ON SCHEMA public/,
  );
  expect(found).toMatch(/open-transactions note: this role does not see .* \| GRANT pg_read_all_stats/);
  expect(found).toMatch(
    /connections error: \d+ of 7 connections are used, a coordinator takes up to 11 \| ALTER SYSTEM/,
  );
  expect(found).toMatch(/schema note: could not be looked at: permission denied/);
});

test('pools that leave no room for another coordinator', async () => {
  const found = await look(await databaseAfter(''), { 'postgres-writers': '150', 'postgres-readers': '60' });
  expect(found.join('\n')).toMatch(
    /connections error: \d+ of 197 .* takes up to 211 .* lower postgres-writers/,
  );
});

test('who holds back xmin: a transaction of another database, and a prepared one', async () => {
  const url = await databaseAfter('');
  const other = await databaseAfter('CREATE TABLE t (i int)', false);
  const idle = await client(other, { application_name: 'reporting' });
  await idle.query('BEGIN; INSERT INTO t VALUES (1)');
  const { rows } = await idle.query('SELECT pg_backend_pid() AS pid');
  const preparing = await client(other);
  await preparing.query(`BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'half'`);
  const found = await transactionsOlderThan(0).look(visitOf(url));
  expect(found).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        level: 'warning',
        what: expect.stringMatching(
          new RegExp(
            `^pid ${rows[0].pid} \\(reporting, idle in transaction, user reeve, database reeve_test.*for \\d+ s$`,
          ),
        ),
        fix: expect.stringContaining(`pg_terminate_backend(${rows[0].pid})`),
      }),
      expect.objectContaining({ what: expect.stringMatching(/^prepared transaction 'half'/) }),
    ]),
  );
  await preparing.query(`ROLLBACK PREPARED 'half'`);
  await idle.query('ROLLBACK');
});

test('a replication slot that nobody reads', async () => {
  const url = await databaseAfter('');
  const admin = await client(url);
  await admin.query(`SELECT pg_create_logical_replication_slot('unread', 'pgoutput')`);
  onTestFinished(async () => void (await admin.query(`SELECT pg_drop_replication_slot('unread')`)));
  expect((await look(url)).join('\n')).toMatch(
    /open-transactions warning: replication slot unread \(not active, .* \| SELECT pg_drop_replication_slot\('unread'\)/,
  );
});

test('a pooler that hands transactions on, as two connections taken in turn do', async () => {
  const url = await databaseAfter('');
  const [one, two] = [visitOf(url), visitOf(url)];
  let calls = 0;
  const db = {
    ...one.db,
    read: (...args: Parameters<typeof one.db.read>) => (calls++ % 2 ? one : two).db.read(...args),
  };
  expect(await POOLER.look({ ...one, db: db as typeof one.db })).toEqual([
    expect.objectContaining({
      level: 'error',
      fix: expect.stringContaining('REEVE_PREPARED_STATEMENTS=false'),
    }),
  ]);
  expect(await POOLER.look(one)).toMatchObject([{ level: 'ok' }]);
});

test('a connection that is older than we are comes from a pooler', async () => {
  const visit = visitOf(await databaseAfter(''));
  await visit.db.read({ name: 'open', text: 'SELECT 1' }, []);
  const openedLater = { ...visit, openedAt: systemClock.monotonic() + 5_000 };
  expect(await POOLER.look(openedLater)).toMatchObject([
    { level: 'note', what: expect.stringContaining('older') },
  ]);
});

test('what is set on connections, where they are not our own', async () => {
  const url = await databaseAfter('');
  expect((await look(url, { 'prepared-statements': 'false' })).join('\n')).toMatch(
    /pooler note: .*statement_timeout.*plan_cache_mode.* \| ALTER ROLE CURRENT_USER SET .*statement_timeout = '15000'/,
  );
});

test('answers that come late', async () => {
  let now = 0;
  const clock = { ...systemClock, monotonic: () => (now += 10) };
  const found = await examined({ 'postgres-url': await databaseAfter('') }, clock);
  expect(found.join('\n')).toMatch(/postgres latency note: answers in 10.0 ms/);
});
