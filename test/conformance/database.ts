import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Statement } from '../../src/postgres/database.js';

const sql = (text: string): Statement => ({ name: '', text });

/** What every driver does alike. */
export function describeDatabase(name: string, open: () => Promise<Database>): void {
  describe(`the database: ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
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
      const jsonTexts = ['{"a\\\\b":"ü🚀"}', 'x', '', 'NULL', '"\u007f'];
      const sparse = ['a', null, 'NULL', ''];
      const blobs = [new Uint8Array(), new Uint8Array([92, 34, 0])];
      const [row] = await db.read(
        sql(
          'SELECT $1::text[] AS texts, $2::bytea[] AS blobs, $3::bigint[] AS bigs, $4::boolean[] AS flags, $5::jsonb[] AS json, $6::text[] AS plain, $7::int[] AS none, $8::text[] AS json_texts, $9::text[] AS sparse, $10::bigint[] AS nulls',
        ),
        [
          texts,
          blobs,
          [1732237980123, null],
          [true, false, null],
          [{ a: '"' }, { b: [1] }],
          plain,
          [],
          jsonTexts,
          sparse,
          [null, null],
        ],
      );
      expect(row).toMatchObject({
        texts,
        blobs,
        bigs: [1732237980123, null],
        flags: [true, false, null],
        plain,
        none: [],
        json_texts: jsonTexts,
        sparse,
        nulls: [null, null],
      });
      const [json] = await db.read<{ a: unknown }>(sql('SELECT to_jsonb($1::jsonb[]) AS a'), [
        [{ a: '"' }, { b: [1] }],
      ]);
      expect(json?.a).toEqual([{ a: '"' }, { b: [1] }]);
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

    test('a large value makes the way there and back', async () => {
      const bytes = new Uint8Array(3_000_000).map((_, i) => i * 7);
      const [row] = await db.read<{ bytes: Uint8Array }>(sql('SELECT $1::bytea AS bytes'), [bytes]);
      expect(Buffer.compare(row?.bytes ?? new Uint8Array(), bytes)).toBe(0);
    });
  });
}
