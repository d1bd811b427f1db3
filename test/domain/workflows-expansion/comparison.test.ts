import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.js';
import { holds, incomparable, parseComparison } from '../../../src/domain/workflows/expansion/comparison.js';

function kept(rule: string, elements: readonly JsonValue[]): readonly JsonValue[] {
  const parsed = parseComparison(rule);
  if (parsed.kind !== 'COMPARISON') throw new Error(`${rule} is ${parsed.kind}`);
  return elements.filter((element) => holds(parsed.comparison, element));
}

describe('a comparison', () => {
  it.each<[string, readonly JsonValue[], readonly JsonValue[]]>([
    ['>2021', [2020, 2021, 2022, 2023], [2022, 2023]],
    ['>= 2021', [2020, 2021, 2022], [2021, 2022]],
    ['<2021', [2020, 2021, 2022], [2020]],
    ['<= 2021', [2020, 2021, 2022], [2020, 2021]],
    ['=2021', [2020, 2021, 2022], [2021]],
    ['== 2021', [2020, 2021, 2022], [2021]],
    ['!= 2021', [2020, 2021, 2022], [2020, 2022]],
    ['> -1.5e1', [-16, -15, -14.5, 0], [-14.5, 0]],
    ['in [1, 3]', [1, 2, 3, 4], [1, 3]],
    ['in []', [1, 2], []],
    ['in [US, "E,U", \'A P\']', ['US', 'E,U', 'A P', 'EU'], ['US', 'E,U', 'A P']],
    ['between 2..3', [1, 2, 2.5, 3, 3.1], [2, 2.5, 3]],
    ['between 0.5..1.5', [0.4, 0.5, 1.5, 1.6], [0.5, 1.5]],
    ['between -2..-1', [-3, -2, -1, 0], [-2, -1]],
    ['between b..d', ['a', 'b', 'c', 'd', 'da'], ['b', 'c', 'd']],
    ['= EU', ['US', 'EU', 'eu'], ['EU']],
    ['= "2021"', ['2021', 2021], ['2021']],
    ['!= "it\'s \\"x\\""', ['it\'s "x"', 'x'], ['x']],
    ['= true', [true, false, 'true', 1], [true]],
    ['= null', [null, 0, ''], [null]],
    ['!= null', [null, 0, ''], [0, '']],
  ])('%s', (rule, elements, stay) => {
    expect(kept(rule, elements)).toEqual(stay);
  });

  it('takes a text that says a number as that number', () => {
    expect(kept('>2021', ['999', '2021', '2022', 'later'])).toEqual(['2022']);
  });

  it('takes ISO 8601 as times, in UTC where they do not say', () => {
    const times = ['2024-01-01', '2024-01-01T00:00:01', '2024-01-01T01:00:00+02:00', '2023-12-31T23:30Z'];
    expect(kept('>= 2024-01-01T00:00:00Z', times)).toEqual(['2024-01-01', '2024-01-01T00:00:01']);
    expect(kept('between 2023-12-31T23:00:00Z..2023-12-31T23:59:59Z', times)).toEqual([
      '2024-01-01T01:00:00+02:00',
      '2023-12-31T23:30Z',
    ]);
  });

  it('does not hold between kinds, but for !=', () => {
    const others = ['x', null, true];
    expect(kept('> 3', others)).toEqual([]);
    expect(kept('<= 3', others)).toEqual([]);
    expect(kept('= 3', others)).toEqual([]);
    expect(kept('!= 3', others)).toEqual(others);
    expect(kept('< m', [1, false, 'a'])).toEqual(['a']);
  });

  it.each([
    ['>', '`>` lacks what to compare with'],
    ['!=  ', '`!=` lacks what to compare with'],
    ['in 1, 2', '`in` takes a list, such as `in [1, 2]`'],
    ['between 1 and 2', '`between` takes a range, such as `between 1..5`'],
  ])('%s is wrong', (rule, problem) => {
    expect(parseComparison(rule)).toEqual({ kind: 'WRONG', problem });
  });

  it.each(['element > 3', '!element.gone', 'element.year in [2021]', 'true', 'inside(element)', 'betweens'])(
    '%s is CEL',
    (rule) => {
      expect(parseComparison(rule)).toEqual({ kind: 'NONE' });
    },
  );

  it('has nothing to say of lists and objects', () => {
    expect(incomparable({ age: 3 })).toContain('is an object with age');
    expect(incomparable([1])).toContain('is a list');
    expect([1, 'a', null, true].map(incomparable)).toEqual([null, null, null, null]);
  });
});
