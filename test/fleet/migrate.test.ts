import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer } from '../../src/postgres/drivers/server.js';
import { readMigrations } from '../../src/postgres/migrate.js';
import { SILENT } from '../support/pglite-record.js';
import { startReeve } from '../support/reeve-process.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres({ password: 'hunter2' });
});
afterAll(() => postgres.stop());

const NEWEST = readMigrations().length;
const ALL = readMigrations().map(({ version, name, minCoordinator }) => ({ version, name, minCoordinator }));

async function migrate(url: string, ...args: string[]) {
  const child = startReeve({ args: ['migrate', ...args], env: { REEVE_POSTGRES_URL: url } });
  const { code } = await child.exited;
  return { code, stderr: child.stderr(), report: JSON.parse(child.stdout() || 'null') };
}

async function read<Row>(url: string, text: string): Promise<Row[]> {
  const db = openServer({ url, log: SILENT });
  const rows = await db.read<Row>({ name: '', text }, []);
  await db.close();
  return rows;
}

test('a plan says what would be done and does nothing of it', async () => {
  const url = await postgres.createDatabase();
  const { host, pathname } = new URL(url);
  const { code, stderr, report } = await migrate(url, '--plan');
  expect([code, stderr]).toEqual([
    0,
    `The schema is at version 0: ${NEWEST} migrations to apply. Nothing was changed.\n`,
  ]);
  expect(report).toEqual({ database: host + pathname, before: 0, after: 0, migrations: ALL, plan: true });
  expect(await read(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual(
    [],
  );
});

test('it brings the schema up to date, and a second time finds nothing to do', async () => {
  const url = await postgres.createDatabase();
  const first = await migrate(url);
  expect([first.code, first.stderr]).toEqual([
    0,
    `The schema was at version 0 and is at version ${NEWEST}: ${NEWEST} migrations applied.\n`,
  ]);
  expect(first.report).toMatchObject({ before: 0, after: NEWEST, migrations: ALL, plan: false });
  const again = await migrate(url);
  expect([again.code, again.stderr]).toEqual([0, `The schema is up to date: version ${NEWEST}.\n`]);
  expect(again.report).toMatchObject({ before: NEWEST, after: NEWEST, migrations: [] });
});

test('several at once leave one whole schema, and none of them fails', async () => {
  const url = await postgres.createDatabase();
  const ends = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  expect(ends.map(({ code, report }) => [code, report.after])).toEqual(ends.map(() => [0, NEWEST]));
  const applied = await read<{ version: number }>(
    url,
    'SELECT version FROM schema_migration ORDER BY version',
  );
  expect(applied.map(({ version }) => version)).toEqual(ALL.map(({ version }) => version));
});

test('one that may not is told so, without a password', async () => {
  const url = new URL(await postgres.createDatabase());
  const db = openServer({ url: url.href, log: SILENT });
  await db.exec(`CREATE ROLE reader_${NEWEST} LOGIN PASSWORD 'hunter2'`);
  await db.close();
  url.username = `reader_${NEWEST}`;
  const { code, stderr } = await migrate(url.href);
  expect(code).toBe(21);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'RECORD_REFUSED',
    message: expect.stringContaining('permission denied'),
  });
  expect(stderr).not.toContain('hunter2');
});

test('without a URL it says which one is missing', async () => {
  const { code, stderr } = await migrate('');
  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'INVALID_SETTING',
    hint: expect.stringContaining('Set REEVE_POSTGRES_URL'),
  });
});
