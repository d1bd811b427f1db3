import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DurationTally,
  expectedMs,
  moved,
  NO_DURATIONS,
  withDuration,
} from '../../../src/domain/order/expected-duration.js';

const tallied = (durations: readonly number[], from: DurationTally = NO_DURATIONS) =>
  durations.reduce(withDuration, from);
const often = (count: number, ms: number) => Array.from({ length: count }, () => ms);

describe('the expected duration', () => {
  it('is not known before five tasks have succeeded', () => {
    expect(expectedMs(tallied(often(4, 1_000)))).toBeNull();
    expect(expectedMs(tallied(often(5, 1_000)))).not.toBeNull();
  });

  it('comes to the mean of what takes the same time each time', () => {
    expect(expectedMs(tallied(often(1_000, 90_000)))).toBeCloseTo(90_000, -2);
  });

  it('is the mean, not the median, of what varies', () => {
    const durations = Array.from({ length: 2_000 }, (_, n) => (n % 2 === 0 ? 10_000 : 40_000));
    const expected = expectedMs(tallied(durations)) ?? 0;
    expect(expected).toBeGreaterThan(22_000);
    expect(expected).toBeLessThan(29_000);
  });

  it('follows a kind that has become slower', () => {
    const slower = tallied(often(400, 60_000), tallied(often(1_000, 10_000)));
    expect(expectedMs(slower)).toBeGreaterThan(45_000);
  });

  it.each([0, 1, Number.MAX_SAFE_INTEGER])('moves little for one that took %d ms', (odd) => {
    const known = tallied(often(200, 60_000));
    const ratio = (expectedMs(withDuration(known, odd)) ?? 0) / (expectedMs(known) ?? 1);
    expect(ratio).toBeGreaterThan(0.97);
    expect(ratio).toBeLessThan(1.05);
  });

  it('is a positive finite number whatever came', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 5 }), (durations) => {
        const expected = expectedMs(tallied(durations)) ?? Number.NaN;
        expect(Number.isFinite(expected) && expected > 0).toBe(true);
      }),
    );
  });
});

describe('what is in force', () => {
  it('moves by a factor of two at most, up and down, and all the way at first', () => {
    expect(moved(null, 50_000)).toBe(50_000);
    expect(moved(10_000, 50_000)).toBe(20_000);
    expect(moved(10_000, 1_000)).toBe(5_000);
    expect(moved(10_000, 12_000)).toBe(12_000);
  });
});
