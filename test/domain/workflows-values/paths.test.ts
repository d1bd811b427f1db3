import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePath, pathText, type ValuePath, valueAt } from '../../../src/domain/workflows/paths.js';

describe('a path', () => {
  it.each<[string, ValuePath | null]>([
    ['user', ['user']],
    ['users[0].name', ['users', 0, 'name']],
    ['outputs.my-group.first step', ['outputs', 'my-group', 'first step']],
    ['a["b.c"][\'d"\']', ['a', 'b.c', 'd"']],
    ['["a"].b', ['a', 'b']],
    ['', null],
    ['.a', null],
    ['a.', null],
    ['a..b', null],
    ['a[b]', null],
    ['a[-1]', null],
    ['a[01]', null],
    ['a["b]', null],
    ['a"b', null],
    ['a.__proto__', null],
  ])('%j', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it('is read as it was written', () => {
    const keys = fc.oneof(
      fc.nat(1_000),
      fc.string().filter((key) => !/["\\\n]/.test(key) && key !== '__proto__'),
    );
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1 }), (path) => {
        expect(parsePath(pathText(path))).toEqual(path);
      }),
    );
  });

  it('leads to what is there', () => {
    const value = { a: [{ b: null }, 'text'], 'c.d': 1, length: 2 };
    expect(valueAt(value, 'a[0].b')).toBeNull();
    expect(valueAt(value, 'a[1]')).toBe('text');
    expect(valueAt(value, '["c.d"]')).toBe(1);
    expect(valueAt(value, 'length')).toBe(2);
    for (const none of ['b', 'a[2]', 'a.length', 'a[1].length', 'a[0].b.c', 'constructor', 'c.d', 'a.0']) {
      expect(valueAt(value, none)).toBeUndefined();
    }
  });
});
