import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database, Statement } from '../../src/postgres/database.js';
import { openServer, type ServerOptions } from '../../src/postgres/drivers/server.js';
import { migrate, readMigrations } from '../../src/postgres/migrate.js';
import { SILENT } from '../support/pglite-record.js';
import { startFaultProxyFor } from '../support/servers/fault-proxy.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

const sql = (text: string, name = ''): Statement => ({ name, text });
const ONE = sql('SELECT 1 AS one', 'one');

let server: PostgresServer;
const opened: Database[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});
afterAll(() => server.stop());

async function open(options: Partial<ServerOptions> = {}): Promise<Database> {
  const db = openServer({ url: await server.createDatabase(), log: SILENT, ...options });
  opened.push(db);
  return db;
}

test('a server that crashes is UNAVAILABLE, and is used again once it is back; what was committed is there', async () => {
  const db = await open();
  await db.exec('CREATE TABLE t (n int)');
  await db.write(sql('INSERT INTO t VALUES (1)'), []);
  const underWay = db.read(sql('SELECT pg_sleep(60)'), []);
  const failed = expect(underWay).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'RECORD_UNAVAILABLE',
  });
  await server.crash();
  await failed;
  await expect(db.write(ONE, [])).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    details: { retryAfterMs: 1_000 },
  });
  await server.restart();
  await expect(db.read(sql('SELECT n FROM t'), [])).resolves.toEqual([{ n: 1 }]);
});

test('connections that are cut while nobody uses them are replaced', async () => {
  const db = await open();
  const pid = sql('SELECT pg_backend_pid() AS pid');
  const [before] = await db.write<{ pid: number }>(pid, []);
  await db.read(sql('SELECT pg_terminate_backend($1)'), [before?.pid]);
  const isOther = async () => {
    const [now] = await db.write<{ pid: number }>(pid, []).catch(() => []);
    return now !== undefined && now.pid !== before?.pid;
  };
  await expect.poll(isOther).toBe(true);
});

test('a statement that takes too long is ended, and its connection goes on', async () => {
  const db = await open({ statementTimeoutMs: 1_000, readers: 1 });
  await expect(db.read(sql('SELECT pg_sleep(60)'), [])).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'STATEMENT_TIMEOUT',
  });
  await expect(db.read(ONE, [])).resolves.toEqual([{ one: 1 }]);
});

test('a server that stops in the middle is UNAVAILABLE in time, and is used again once it goes on', async () => {
  const proxy = await startFaultProxyFor(server.url);
  const url = proxy.through(await server.createDatabase());
  const db = await open({ url, statementTimeoutMs: 1_000, connectTimeoutMs: 2_000, writers: 2 });
  await db.exec('CREATE TABLE t (n int)');
  proxy.set('hold');
  const insert = sql('INSERT INTO t VALUES (1)', 'insert');
  const calls = [
    db.write(ONE, []),
    db.read(ONE, []),
    db.transaction((connection) => connection.run(insert, [])),
    db.write(ONE, []),
  ];
  for (const { status, ...rest } of await Promise.allSettled(calls)) {
    expect(status).toBe('rejected');
    expect(rest).toMatchObject({ reason: { code: 'UNAVAILABLE', reason: 'RECORD_UNAVAILABLE' } });
  }
  proxy.set('pass');
  await expect(db.write(ONE, [])).resolves.toEqual([{ one: 1 }]);
  await db.close();
  await proxy.close();
});

test('a connection that is cut between the statements of a transaction fails that only', async () => {
  const proxy = await startFaultProxyFor(server.url);
  const db = await open({ url: proxy.through(await server.createDatabase()) });
  const cut = db.transaction(async (connection) => {
    await connection.run(ONE, []);
    proxy.cutAll();
    await expect.poll(() => proxy.connections).toBe(0);
    return connection.run(ONE, []);
  });
  await expect(cut).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(db.write(ONE, [])).resolves.toEqual([{ one: 1 }]);
  await db.close();
  await proxy.close();
});

test('statements leave nothing on their connections if they are not to be prepared', async () => {
  const prepared = sql('SELECT count(*) AS n FROM pg_prepared_statements', 'prepared');
  const url = await server.createDatabase();
  const countOf = async (prepare: boolean) => {
    const db = await open({ url, prepare, readers: 1 });
    await db.read(ONE, []);
    return db.read<{ n: number }>(prepared, []);
  };
  expect(await countOf(true)).toEqual([{ n: 2 }]);
  expect(await countOf(false)).toEqual([{ n: 0 }]);
  const slow = await open({ url, prepare: false, statementTimeoutMs: 500 });
  await expect(slow.read(sql('SELECT pg_sleep(60)'), [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a server that may write nothing is UNAVAILABLE', async () => {
  const db = await open();
  const readOnly = db.transaction(async (connection) => {
    await connection.run(sql('SET TRANSACTION READ ONLY'), []);
    return connection.run(sql('CREATE TABLE t (n int)'), []);
  });
  await expect(readOnly).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'RECORD_UNAVAILABLE' });
});

test('reads keep no write waiting', async () => {
  const db = await open({ readers: 1, writers: 1 });
  let ended = false;
  const slow = db.read(sql('SELECT pg_sleep(60)'), []).finally(() => {
    ended = true;
  });
  const cut = expect(slow).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(db.write(ONE, [])).resolves.toEqual([{ one: 1 }]);
  expect(ended).toBe(false);
  await db.write(
    sql(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()",
    ),
    [],
  );
  await cut;
});

test('a server that takes the connection and says nothing is UNAVAILABLE in time', async () => {
  const silent = net.createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as net.AddressInfo;
  const db = await open({ url: `postgres://reeve@127.0.0.1:${port}/x`, connectTimeoutMs: 200 });
  await expect(db.read(ONE, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  silent.close();
});

test('closing lets the calls before it finish, also those that wait for a connection, and refuses those after it', async () => {
  const db = await open({ readers: 1 });
  const calls = Array.from({ length: 5 }, () => db.read(ONE, []));
  await Promise.all([db.close(), db.close()]);
  await expect(Promise.all(calls)).resolves.toHaveLength(5);
  await expect(db.read(ONE, [])).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_CLOSED' });
});

test('coordinators that migrate at once leave one whole schema', async () => {
  const url = await server.createDatabase();
  const databases = await Promise.all([open({ url }), open({ url }), open({ url })]);
  await Promise.all(databases.map((db) => migrate(db)));
  const applied = await databases[0]?.read(sql('SELECT version FROM schema_migration ORDER BY version'), []);
  expect(applied).toEqual(readMigrations().map(({ version }) => ({ version })));
});

test('what the role has set otherwise does not reach the parsers', async () => {
  const url = await server.createDatabase();
  const first = await open({ url });
  const name = new URL(url).pathname.slice(1);
  await first.exec(
    `ALTER DATABASE ${name} SET datestyle = 'SQL, DMY'; ALTER DATABASE ${name} SET bytea_output = 'escape'; ALTER DATABASE ${name} SET timezone = 'Asia/Kolkata'`,
  );
  const db = await open({ url });
  const [row] = await db.read(
    sql("SELECT '2024-11-22 01:13:00+00'::timestamptz AS time, '\\x00ff'::bytea AS bytes"),
    [],
  );
  expect(row).toEqual({ time: Date.parse('2024-11-22T01:13:00Z'), bytes: new Uint8Array([0, 255]) });
});
