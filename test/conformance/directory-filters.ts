import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFilter, matchesRole, matchesSubject, type Sought } from '../../src/domain/directory/filter.js';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { createDirectoryRecord } from '../../src/postgres/directory/directory-record.js';
import type { OpenedDatabase } from './directory-record.js';

/** Few values, so that they meet; and what is easily taken for something else. */
const TEXTS = ['', 'a', 'b', 'A', "'", '"', '\\', '{', '0', 'null', 'é', '%', '__proto__'];
const text = fc.constantFrom(...TEXTS);
const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  text,
  fc.constantFrom(0, -0, 1, 1.5, 1e300, 5e-324, 0.1, -1),
  fc.boolean(),
  fc.constant(null),
);
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('x', '0', "'"), scalar, { maxKeys: 2 }),
);
const key = fc.constantFrom('x', 'y', '0', "'");
const attributes = fc.dictionary(key, value, { maxKeys: 3 });
const texts = fc.uniqueArray(text, { maxLength: 3 });
const path = fc.array(key, { minLength: 1, maxLength: 2 }).map((keys) => `attributes.${keys.join('.')}`);

function wanted(one: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  const operators = fc.record(
    {
      $eq: one,
      $ne: one,
      $in: fc.array(one, { maxLength: 3 }),
      $nin: fc.array(one, { maxLength: 3 }),
      $exists: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const plain: fc.Arbitrary<JsonValue> = one;
  return fc.oneof(plain, operators.filter((o) => Object.keys(o).length > 0) as fc.Arbitrary<JsonValue>);
}

function filters(sought: Sought): fc.Arbitrary<JsonObject> {
  const names =
    sought === 'role'
      ? ['role_id', 'role_type', 'job_space_id', 'group_ids']
      : ['subject_id', 'subject_type', 'role_ids', 'group_ids'];
  const entry: fc.Arbitrary<JsonObject> = fc.oneof(
    fc.tuple(fc.constantFrom(...names), wanted(text)).map(([name, of]) => ({ [name]: of })),
    fc.tuple(path, wanted(scalar)).map(([name, of]) => ({ [name]: of })),
  );
  const { filter } = fc.letrec<{ filter: JsonObject; many: JsonObject }>((tie) => ({
    filter: fc.oneof({ depthSize: 'small', withCrossShrink: true }, entry, tie('many')),
    many: fc
      .tuple(
        fc.constantFrom('$and', '$or'),
        fc.array(tie('filter') as fc.Arbitrary<JsonObject>, { minLength: 1, maxLength: 3 }),
        entry,
      )
      .map(([name, of, more]) => ({ [name]: of, ...more })),
  }));
  return filter.filter((one) => checkFilter(one, sought).length === 0);
}

/** The record finds by a filter exactly what the domain says that it matches. */
export function describeDirectoryFilters(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`filters of roles and subjects on ${name}`, () => {
    let opened: OpenedDatabase | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      return { directory: createDirectoryRecord(opened.db), org: `org-${randomUUID()}` };
    };

    test('roles are found as they match', async () => {
      const { directory, org } = setup();
      const role = fc.record({ roleType: text, jobSpaceId: text, groupIds: texts, attributes });
      for (const [i, one] of fc.sample(role, { numRuns: 60, seed: 1 }).entries()) {
        await directory.putRole(org, { ...one, roleId: TEXTS[i] || `r${i}`, description: '' });
      }
      const all = await directory.queryRoles({ org, filter: null, afterId: '', limit: 100 });
      expect(all).toHaveLength(60);
      let found = 0;
      await fc.assert(
        fc.asyncProperty(filters('role'), async (filter) => {
          const answer = await directory.queryRoles({ org, filter, afterId: '', limit: 100 });
          expect(answer).toEqual(all.filter((one) => matchesRole(filter, one)));
          if (answer.length > 0 && answer.length < all.length) found += 1;
        }),
        { numRuns: 800, seed: 2 },
      );
      // Otherwise the filters told nothing apart.
      expect(found).toBeGreaterThan(100);
    });

    test('subjects are found as they match', async () => {
      const { directory, org } = setup();
      const subject = fc.record({ subjectType: text, roleIds: texts, groupIds: texts, attributes });
      for (const [i, one] of fc.sample(subject, { numRuns: 60, seed: 3 }).entries()) {
        await directory.putSubject(org, { ...one, subjectId: TEXTS[i] || `s${i}` });
      }
      const all = await directory.querySubjects({ org, filter: null, afterId: '', limit: 100 });
      let found = 0;
      await fc.assert(
        fc.asyncProperty(filters('subject'), async (filter) => {
          const answer = await directory.querySubjects({ org, filter, afterId: '', limit: 100 });
          expect(answer).toEqual(all.filter((one) => matchesSubject(filter, one)));
          if (answer.length > 0 && answer.length < all.length) found += 1;
        }),
        { numRuns: 800, seed: 4 },
      );
      expect(found).toBeGreaterThan(100);
    });

    test('a filter as large as may be is answered', async () => {
      const { directory, org } = setup();
      const $or = Array.from({ length: 240 }, (_, i) => ({ 'attributes.x': { $ne: `v${i}` } }));
      expect(checkFilter({ $or }, 'role')).toEqual([]);
      expect(await directory.queryRoles({ org, filter: { $or }, afterId: '', limit: 10 })).toEqual([]);
    });
  });
}
