import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReeveError } from '../../src/domain/errors.js';
import type { Log } from '../../src/ports/log.js';
import type { Database, Statement } from '../../src/postgres/database.js';
import { openPglite } from '../../src/postgres/drivers/pglite.js';
import { parseTimestamptz } from '../../src/postgres/drivers/type-parsers.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const sql = (text: string): Statement => ({ name: '', text });

let db: Database;
beforeAll(async () => {
  db = await openPglite({ dir: path.join(temporaryFolder('pglite'), 'pg18'), log: SILENT });
});
afterAll(() => db.close());

test.each([
  ['2024-11-22 01:13:00+00', '2024-11-22T01:13:00Z'],
  ['2024-11-22 01:13:00.5+05:30', '2024-11-21T19:43:00.500Z'],
  ['1969-12-31 23:59:59.999-01', '1970-01-01T00:59:59.999Z'],
  ['0099-01-02 03:04:05+00', '0099-01-02T03:04:05.000Z'],
  ['2024-02-29 23:59:59.123456+00', '2024-02-29T23:59:59.123Z'],
  ['2024-02-29 23:59:59.05+00', '2024-02-29T23:59:59.050Z'],
])('the time %s is %s', (text, iso) => {
  expect(parseTimestamptz(text)).toBe(Date.parse(iso));
});

test('nobody gets in between the statements of a transaction, and its connection ends with it', async () => {
  const order: string[] = [];
  const transaction = db.transaction(async (connection) => {
    await connection.run(sql('SELECT 1'), []);
    order.push('first');
    await connection.run(sql('SELECT 1'), []);
    order.push('second');
    return connection;
  });
  const write = db.write(sql('SELECT 1'), []).then(() => order.push('write'));
  const [ended] = await Promise.all([transaction, write]);
  expect(order).toEqual(['first', 'second', 'write']);
  await expect(ended.run(sql('SELECT 1'), [])).rejects.toThrow('the transaction has ended');
});

test('writes overtake reads that wait, but only so many', async () => {
  const order: string[] = [];
  const busy = Promise.all(Array.from({ length: 4 }, () => db.write(sql('SELECT 1'), [])));
  const read = db.read(sql('SELECT 1'), []).then(() => order.push('read'));
  const writes = Array.from({ length: 30 }, () =>
    db.write(sql('SELECT 1'), []).then(() => order.push('write')),
  );
  await Promise.all([busy, read, ...writes]);
  expect(order.indexOf('read')).toBeGreaterThan(0);
  expect(order.indexOf('read')).toBeLessThan(20);
});

test('closing lets the calls before it finish, refuses those after it, and what was written is there next time', async () => {
  const dir = path.join(temporaryFolder('pglite'), 'pg18');
  const first = await openPglite({ dir, log: SILENT });
  const created = first.exec('CREATE TABLE t (n int)');
  const inserted = first.write(sql('INSERT INTO t VALUES (1) RETURNING n'), []);
  await Promise.all([first.close(), first.close()]);
  await created;
  await expect(inserted).resolves.toEqual([{ n: 1 }]);
  await expect(first.read(sql('SELECT 1'), [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const second = await openPglite({ dir, log: SILENT });
  expect(await second.read(sql('SELECT n FROM t'), [])).toEqual([{ n: 1 }]);
  await second.close();
});

test('when the database fails inside, everybody is told and nothing hangs', async () => {
  const lost: ReeveError[] = [];
  const dir = path.join(temporaryFolder('pglite'), 'pg18');
  const doomed = await openPglite({ dir, log: SILENT, onLost: (error) => lost.push(error) });
  // Deep enough that the engine's own stack overflows, which Postgres can't see coming.
  const fatal = doomed.write(sql(`SELECT ${Array(15_000).fill('1').join('+')}`), []);
  const waiting = doomed.read(sql('SELECT 1'), []);
  await expect(fatal).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_LOST' });
  await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(doomed.read(sql('SELECT 1'), [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(lost).toMatchObject([{ reason: 'DATABASE_LOST' }]);
  await doomed.close();
});

test('half a database, left by a start that was killed, is thrown away', async () => {
  const dir = path.join(temporaryFolder('pglite'), 'pg18');
  mkdirSync(path.join(`${dir}.partial`, 'base'), { recursive: true });
  writeFileSync(path.join(`${dir}.partial`, 'PG_VERSION'), '18\n');
  const opened = await openPglite({ dir, log: SILENT });
  expect(await opened.read(sql('SELECT 1 AS one'), [])).toEqual([{ one: 1 }]);
  expect(existsSync(`${dir}.partial`)).toBe(false);
  await opened.close();
});

test('a folder that holds no database but looks like one is reported', async () => {
  const dir = temporaryFolder('pglite');
  writeFileSync(path.join(dir, 'PG_VERSION'), '18\n');
  mkdirSync(path.join(dir, 'base'));
  await expect(openPglite({ dir, log: SILENT })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
