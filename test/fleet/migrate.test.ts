import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain, type Failure } from '../../src/cli/failure.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { readMigrations } from '../../src/postgres/migrate.js';
import { runMigration } from '../../src/run-migration.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import { SILENT } from '../support/pglite-record.js';
import { startReeve } from '../support/reeve-process.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres({ password: 'hunter2' });
});
afterAll(() => postgres.stop());

/** Two and more processes, one after the other. */
const TIMEOUT_MS = 120_000;
const NEWEST = readMigrations().length;
const ALL = readMigrations().map(({ version, name, minCoordinator }) => ({ version, name, minCoordinator }));

async function migrate(url: string, ...args: string[]) {
  const child = startReeve({ args: ['migrate', ...args], env: { REEVE_POSTGRES_URL: url } });
  const { code } = await child.exited;
  return { code, stderr: child.stderr(), report: JSON.parse(child.stdout() || 'null') };
}

/** What a run in this process is told. */
async function failureOf(url: string): Promise<Failure> {
  const { values } = resolveSettings({ env: { REEVE_POSTGRES_URL: url } });
  const failed = runMigration(values, false, () => undefined);
  const error = await failed.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return explain(error, { command: 'reeve migrate', address: '' });
}

async function read<Row>(url: string, text: string): Promise<Row[]> {
  const db = openServer({ url, log: SILENT });
  const rows = await db.read<Row>({ name: '', text }, []);
  await db.close();
  return rows;
}

test(
  'a plan does nothing, a run brings the schema up to date, and another finds nothing to do',
  async () => {
    const url = await postgres.createDatabase();
    const { host, pathname } = new URL(url);
    const plan = await migrate(url, '--plan');
    expect([plan.code, plan.stderr]).toEqual([
      0,
      `The schema is at version 0: ${NEWEST} migrations to apply. Nothing was changed.\n`,
    ]);
    const database = host + pathname;
    expect(plan.report).toEqual({ database, before: 0, after: 0, migrations: ALL, plan: true });
    const relations = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    expect(await read(url, relations)).toEqual([]);

    const first = await migrate(url);
    expect([first.code, first.stderr]).toEqual([
      0,
      `The schema was at version 0 and is at version ${NEWEST}: ${NEWEST} migrations applied.\n`,
    ]);
    expect(first.report).toEqual({ database, before: 0, after: NEWEST, migrations: ALL, plan: false });

    const again = await migrate(url);
    expect([again.code, again.stderr]).toEqual([0, `The schema is up to date: version ${NEWEST}.\n`]);
    expect(again.report).toMatchObject({ before: NEWEST, after: NEWEST, migrations: [] });
  },
  TIMEOUT_MS,
);

test(
  'several at once leave one whole schema, and none of them fails',
  async () => {
    const url = await postgres.createDatabase();
    const ends = await Promise.all([migrate(url), migrate(url)]);
    expect(ends.map(({ code, report }) => [code, report.after])).toEqual(ends.map(() => [0, NEWEST]));
    const applied = await read<{ version: number }>(
      url,
      'SELECT version FROM schema_migration ORDER BY version',
    );
    expect(applied.map(({ version }) => version)).toEqual(ALL.map(({ version }) => version));
  },
  TIMEOUT_MS,
);

test('one that may not is told so, without a password', async () => {
  const url = new URL(await postgres.createDatabase());
  const db = openServer({ url: url.href, log: SILENT });
  await db.exec(`CREATE ROLE reader_${NEWEST} LOGIN PASSWORD 'hunter2'`);
  await db.close();
  url.username = `reader_${NEWEST}`;
  const failure = await failureOf(url.href);
  expect(failure).toMatchObject({
    exit: 21,
    code: 'RECORD_REFUSED',
    message: expect.stringContaining('permission denied'),
  });
  expect(JSON.stringify(failure)).not.toContain('hunter2');
});

test('without a URL it says which one is missing', async () => {
  expect(await failureOf('')).toMatchObject({
    exit: 2,
    code: 'INVALID_SETTING',
    hint: expect.stringContaining('Set REEVE_POSTGRES_URL'),
  });
});

test('a database with tables of something else is left alone, by the plan too', async () => {
  const url = await postgres.createDatabase();
  const db = openServer({ url, log: SILENT });
  await db.exec('CREATE TABLE task (id integer)');
  await db.close();
  for (const args of [['--plan'], []]) {
    const { code, stderr } = await migrate(url, ...args);
    expect(code).toBe(25);
    expect(stderr).toContain('SCHEMA_FOREIGN');
  }
  const tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
  expect(await read(url, tables)).toEqual([{ relname: 'task' }]);
});

test('sslmode means what it means to libpq, and a server without TLS is told apart', async () => {
  const url = await postgres.createDatabase();
  expect(await failureOf(`${url}?sslmode=require`)).toMatchObject({ exit: 21, code: 'RECORD_WITHOUT_TLS' });
  const preferred = await migrate(`${url}?sslmode=disable`);
  expect([preferred.code, preferred.stderr]).toEqual([0, expect.not.stringContaining('WARNING')]);
});
