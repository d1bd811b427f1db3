import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.js';
import { assemble, type ContextValue, limitsOn, liveRows } from '../../../src/domain/workflows/context.js';
import { restoringWrites } from '../../../src/domain/workflows/restore-context.js';

const row = (path: string, version: number, value?: JsonValue): ContextValue => ({ path, version, value });

describe('a context', () => {
  it.each<[string, readonly ContextValue[], JsonValue]>([
    ['nothing', [], {}],
    [
      'values at paths',
      [row('a.b', 1, 1), row('a.c', 1, 2), row('d', 2, [3])],
      { a: { b: 1, c: 2 }, d: [3] },
    ],
    ['a longer path sets within', [row('a.b', 2, 3), row('a', 1, { b: 1, c: 2 })], { a: { b: 3, c: 2 } }],
    ['a shorter path replaces', [row('a.b', 1, 1), row('a', 2, { c: 2 })], { a: { c: 2 } }],
    [
      'of one version the shorter path goes first',
      [row('a.b', 1, 1), row('a', 1, { c: 2 })],
      { a: { b: 1, c: 2 } },
    ],
    ['what is gone', [row('a', 1, { b: 1, c: 2 }), row('a.b', 2), row('x.y', 3)], { a: { c: 2 }, x: {} }],
    ['what is no object is replaced', [row('a', 1, [1, 2]), row('a.b', 2, 3)], { a: { b: 3 } }],
    [
      'names that are no words',
      [row('outputs.my-group.ocr/1', 1, 1), row('["a.b"].c', 1, 2)],
      { outputs: { 'my-group': { 'ocr/1': 1 } }, 'a.b': { c: 2 } },
    ],
  ])('is made of its values: %s', (_what, rows, context) => {
    expect(assemble(rows)).toEqual(context);
  });

  it('leaves its values as they are', () => {
    const value = { b: { c: 1 } };
    assemble([row('a', 1, value), row('a.b.d', 2, 2), row('a.b.c', 3)]);
    expect(value).toEqual({ b: { c: 1 } });
  });

  it('has as many rows as show', () => {
    const rows = [row('a.b', 1, 1), row('a.b.c', 2, 1), row('a', 3, {}), row('a.d', 4, 1), row('e', 1, 1)];
    expect(
      liveRows(rows)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['a', 'a.d', 'e']);
  });

  it.each<[string, string]>([
    ['a..b', 'is no path'],
    ['', 'is no path'],
    ['.a', 'is no path'],
    ['a[0]', 'no element of a list'],
    ['a["b"]', 'is no path'],
    ['__proto__.x', 'is no path'],
    ['x'.repeat(501), 'more than 500 characters'],
    [Array(17).fill('a').join('.'), 'more than 16 names'],
  ])('takes nothing at %s', (path, words) => {
    expect(limitsOn([], [row(path, 0, 1)])).toContain(words);
  });

  it('has limits', () => {
    let deep: JsonValue = 1;
    for (let n = 0; n < 63; n++) deep = [deep];
    expect(limitsOn([], [row('a', 0, deep)])).toBeNull();
    expect(limitsOn([], [row('a.b', 0, deep)])).toBe('a.b must not be nested deeper than 62');
    const large = 'x'.repeat(4 * 1024 * 1024 - 2);
    expect(limitsOn([], [row('a', 0, large)])).toBeNull();
    expect(limitsOn([], [row('a', 0, `${large}x`)])).toContain('a must have at most 4194304 bytes');
    const rows = [1, 2, 3].map((n) => row(`a${n}`, 1, { large }));
    const more = [row('b', 0, { large: large.slice(100) })];
    expect(limitsOn(rows, more)).toBeNull();
    expect(limitsOn([...rows, row('c', 1, 'x'.repeat(1_000))], more)).toContain(
      'the context must have at most 16777216',
    );
    // What it takes the place of does not count.
    expect(limitsOn([...rows, row('b.c', 1, large)], more)).toBeNull();
    const many = Array.from({ length: 10_000 }, (_, n) => row(`p${n}`, 1, 1));
    expect(limitsOn(many, [row('p9', 0, 2)])).toBeNull();
    expect(limitsOn(many, [row('q', 0, 2)])).toContain('more than 10000 paths');
  });

  it('can be made as it was at any version', () => {
    const keys = fc.constantFrom('a', 'b', 'c');
    const paths = fc.array(keys, { minLength: 1, maxLength: 3 }).map((list) => list.join('.'));
    const values = fc.option(
      fc.oneof(fc.integer(), fc.dictionary(keys, fc.oneof(fc.integer(), fc.dictionary(keys, fc.integer())))),
      { nil: undefined },
    ) as fc.Arbitrary<JsonValue | undefined>;
    const commits = fc.array(fc.array(fc.tuple(paths, values), { minLength: 1, maxLength: 3 }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(commits, fc.nat(8), (list, back) => {
        const newest = (upTo: number) => {
          const rows = new Map<string, ContextValue>();
          for (const [at, writes] of list.slice(0, upTo).entries()) {
            for (const [path, value] of writes) rows.set(path, row(path, at + 1, value));
          }
          return rows;
        };
        const now = newest(list.length);
        const then = [...newest(Math.min(back, list.length)).values()];
        for (const { path, value } of restoringWrites([...now.values()], then)) {
          now.set(path, row(path, list.length + 1, value));
        }
        expect(assemble([...now.values()])).toEqual(assemble(then));
      }),
    );
  });
});
