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
  await db.exec('CREATE TABLE item (id int PRIMARY KEY, note text)');
});
afterAll(() => db.close());

test('values come back in the shapes the record promises', async () => {
  const bytes = new Uint8Array([0, 1, 254, 255]);
  const [row] = await db.read(
    sql(`SELECT 9007199254740991::bigint AS big, '2024-11-22 01:13:00.123456+00'::timestamptz AS time,
      $1::bytea AS bytes, $2::jsonb AS json, NULL::bigint AS nothing, 1.5::float8 AS float, 7 AS int,
      ARRAY[1, NULL]::bigint[] AS bigs, ARRAY['2024-11-22 01:13:00+00'::timestamptz] AS times`),
    [bytes, { a: [1, 'x'] }],
  );
  expect(row).toEqual({
    big: 9007199254740991,
    time: Date.parse('2024-11-22T01:13:00.123Z'),
    bytes,
    json: { a: [1, 'x'] },
    nothing: null,
    float: 1.5,
    int: 7,
    bigs: [1, null],
    times: [Date.parse('2024-11-22T01:13:00Z')],
  });
});

test('arrays go in whatever their elements hold', async () => {
  const texts = ['plain', '', 'NULL', 'a"b\\c', '{x,y}', ' \n\t', 'ümläut 🚀', null];
  const plain = ['a', '', 'NULL', '{x,y}', ' \n', 'ümläut 🚀'];
  const blobs = [new Uint8Array(), new Uint8Array([92, 34, 0])];
  const [row] = await db.read(
    sql(
      'SELECT $1::text[] AS texts, $2::bytea[] AS blobs, $3::bigint[] AS bigs, $4::boolean[] AS flags, $5::jsonb[] AS json, $6::text[] AS plain, $7::int[] AS none',
    ),
    [texts, blobs, [1732237980123, null], [true, false, null], [{ a: '"' }, { b: [1] }], plain, []],
  );
  expect(row).toMatchObject({
    texts,
    blobs,
    bigs: [1732237980123, null],
    flags: [true, false, null],
    plain,
    none: [],
  });
  const [json] = await db.read<{ a: unknown }>(sql('SELECT to_jsonb($1::jsonb[]) AS a'), [
    [{ a: '"' }, { b: [1] }],
  ]);
  expect(json?.a).toEqual([{ a: '"' }, { b: [1] }]);
});

test.each([
  ['2024-11-22 01:13:00+00', '2024-11-22T01:13:00Z'],
  ['2024-11-22 01:13:00.5+05:30', '2024-11-21T19:43:00.500Z'],
  ['1969-12-31 23:59:59.999-01', '1970-01-01T00:59:59.999Z'],
  ['0099-01-02 03:04:05+00', '0099-01-02T03:04:05.000Z'],
])('the time %s is %s', (text, iso) => {
  expect(parseTimestamptz(text)).toBe(Date.parse(iso));
});

test('an error of a statement carries its SQLSTATE and spoils nothing that comes after', async () => {
  const divide = { name: 'divide', text: 'SELECT 1 / $1::int AS quotient' };
  await expect(db.read(divide, [0])).rejects.toMatchObject({ code: '22012' });
  await expect(db.read(divide, [1])).resolves.toEqual([{ quotient: 1 }]);
  await expect(db.exec('BEGIN; SELECT 1 / 0; COMMIT')).rejects.toMatchObject({ code: '22012' });
  await expect(db.write(sql('SELECT 1 AS one'), [])).resolves.toEqual([{ one: 1 }]);
});

test('a transaction keeps all of its statements or none', async () => {
  const insert = { name: 'insert-item', text: 'INSERT INTO item VALUES ($1, $2)' };
  const undone = db.transaction(async (connection) => {
    await connection.run(insert, [1, 'undone']);
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  const swallowed = db.transaction(async (connection) => {
    await connection.run(insert, [2, 'lost']);
    await connection.run(insert, [2, 'again']).catch(() => {});
  });
  await expect(swallowed).rejects.toMatchObject({ code: 'ABORTED' });
  await db.transaction(async (connection) => {
    await connection.run(insert, [3, 'kept']);
    await connection.run(insert, [4, 'kept']);
  });
  expect(await db.read(sql('SELECT id FROM item ORDER BY id'), [])).toEqual([{ id: 3 }, { id: 4 }]);
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

test('a large value makes the way there and back', async () => {
  const bytes = new Uint8Array(3_000_000).map((_, i) => i * 7);
  const [row] = await db.read<{ bytes: Uint8Array }>(sql('SELECT $1::bytea AS bytes'), [bytes]);
  expect(Buffer.compare(row?.bytes ?? new Uint8Array(), bytes)).toBe(0);
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
