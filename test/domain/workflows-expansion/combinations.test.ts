import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Blueprint, objectOf } from '../../../src/domain/workflows/expansion/blueprint.js';
import { countCombinations } from '../../../src/domain/workflows/expansion/counting.js';

/** Combinations as loops within each other make them. */
function nested(axes: readonly (readonly number[])[]): number[][] {
  const [first, ...rest] = axes;
  if (!first) return [[]];
  return first.flatMap((element) => nested(rest).map((others) => [element, ...others]));
}

function blueprintOf(axes: readonly (readonly number[])[]): Blueprint {
  const elements = axes.map((_, axis) => ({
    name: `a${axis}`,
    origin: { kind: 'AXIS' as const, axis },
    path: [],
  }));
  const total = axes.reduce((product, { length }) => product * length, 1);
  return { axes, elements, metadata: [], selected: null, total };
}

const AXES = fc.array(fc.array(fc.integer(), { maxLength: 5 }), { minLength: 1, maxLength: 4 });

describe('combinations', () => {
  it('come as loops within each other would make them, the last array going round first', () => {
    fc.assert(
      fc.property(AXES, (axes) => {
        const blueprint = blueprintOf(axes);
        const made = Array.from({ length: blueprint.total }, (_, n) =>
          Object.values(objectOf(blueprint, blueprint.elements, n)),
        );
        expect(made).toEqual(nested(axes));
      }),
    );
  });

  it('are found by their number alone, however many there are', () => {
    const axes = [1, 2, 3, 4, 5, 6].map(() => Array.from({ length: 100 }, (_, n) => n));
    const blueprint = blueprintOf(axes);
    expect(Object.values(objectOf(blueprint, blueprint.elements, 10_203_040_506))).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    expect(Object.values(objectOf(blueprint, blueprint.elements, 999_999_999_999))).toEqual(
      axes.map(() => 99),
    );
  });

  it('are counted without being made', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 1_000_000 }), (each, maxItems) => {
        const product = each.map(BigInt).reduce((a, b) => a * b, 1n);
        const counted = countCombinations(each, { maxItems, conditional: false });
        expect('count' in counted).toBe(product <= BigInt(maxItems));
        if ('count' in counted) expect(BigInt(counted.count)).toBe(product);
      }),
    );
  });

  it.each([
    [[1000, 1000], false, 'TOO_MANY_ITEMS: 1000 × 1000 = 1,000,000 items, at most 100,000'],
    [[100_001], false, 'TOO_MANY_ITEMS: 100,001 items, at most 100,000'],
    [
      [1001, 1000],
      true,
      'TOO_MANY_ITEMS: 1001 × 1000 = 1,001,000 combinations before conditions, at most 1,000,000',
    ],
    [
      [4294967296, 4294967296, 1],
      false,
      'TOO_MANY_ITEMS: 4294967296 × 4294967296 × 1 = 18,446,744,073,709,551,616 items, at most 100,000',
    ],
  ])('%j are too many, with the figures', (lengths, conditional, reason) => {
    expect(countCombinations(lengths, { maxItems: 100_000, conditional })).toEqual({ reason });
  });

  it('may be as many as the limit, and of an empty array none, whatever the others are', () => {
    expect(countCombinations([100, 1000], { maxItems: 100_000, conditional: false })).toEqual({
      count: 100_000,
    });
    expect(countCombinations([2 ** 40, 0, 2 ** 40], { maxItems: 10, conditional: false })).toEqual({
      count: 0,
    });
  });
});
