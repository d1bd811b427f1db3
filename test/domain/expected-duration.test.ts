import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type DurationTally,
  expectedMs,
  merged,
  moved,
  NO_DURATIONS,
  tallyOf,
  withDuration,
} from '../../src/domain/order/expected-duration.js';

const HOUR = 3_600_000;
const durations = fc.array(fc.integer({ min: 1, max: HOUR }), { minLength: 5, maxLength: 100 });

const learned = (list: readonly number[], known: DurationTally = NO_DURATIONS) =>
  list.reduce((tally, ms) => withDuration(tally, ms), known);

test('nothing is expected of four, and of five what they took', () => {
  expect(expectedMs(tallyOf([1_000, 1_000, 1_000, 1_000], NO_DURATIONS))).toBeNull();
  expect(expectedMs(tallyOf([1_000, 1_000, 1_000, 1_000, 1_000], NO_DURATIONS))).toBeCloseTo(1_000);
});

test('of durations that differ the mean is expected, not the median', () => {
  // Lognormal around a minute with a deviation of 0.8: its mean is e^0.32 minutes.
  const quantiles = [-1.64, -1.04, -0.67, -0.39, -0.13, 0.13, 0.39, 0.67, 1.04, 1.64];
  const tally = learned(
    Array.from({ length: 20 }, () => quantiles.map((z) => 60_000 * Math.exp(0.8 * z))).flat(),
  );
  expect(expectedMs(tally)).toBeGreaterThan(75_000);
  expect(expectedMs(tally)).toBeLessThan(90_000);
});

test('one that took ten hours, or no time at all, moves what is known by a few per cent', () => {
  const known = learned(Array.from({ length: 200 }, (_, i) => 9_000 + (i % 5) * 500));
  const before = expectedMs(known) ?? 0;
  for (const poison of [0, 10 * HOUR, Number.MAX_VALUE]) {
    const after = expectedMs(withDuration(known, poison)) ?? 0;
    expect(Math.abs(after / before - 1)).toBeLessThan(0.05);
  }
});

test('where nothing is known yet, an outlier among the first is told by the others, wherever it stands', () => {
  for (let at = 0; at < 6; at++) {
    const first = Array.from({ length: 6 }, (_, i) => (i === at ? 10 * HOUR : 2_000));
    const expected = expectedMs(tallyOf(first, NO_DURATIONS)) ?? 0;
    expect(expected).toBeGreaterThan(2_000);
    expect(expected).toBeLessThan(2_000 * 2);
  }
});

test('what changes for good is learned anew', () => {
  const known = learned(Array.from({ length: 1_000 }, () => 1_000));
  const after =
    expectedMs(
      learned(
        Array.from({ length: 500 }, () => 60_000),
        known,
      ),
    ) ?? 0;
  expect(after).toBeGreaterThan(50_000);
  expect(after).toBeLessThan(120_000);
});

test('it makes no difference in which order coordinators add what they found, while all of it counts', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const [ta, tb] = [tallyOf(a, NO_DURATIONS), tallyOf(b, NO_DURATIONS)];
      const all = Number.POSITIVE_INFINITY;
      const [ab, ba] = [merged(ta, tb, all), merged(tb, ta, all)];
      expect(ab.count).toBe(a.length + b.length);
      expect(ab.mean).toBeCloseTo(ba.mean);
      expect(ab.variance).toBeCloseTo(ba.variance);
    }),
  );
});

test('what is known stays between what was found, whatever was found', () => {
  fc.assert(
    fc.property(durations, durations, (before, after) => {
      const tally = merged(tallyOf(before, NO_DURATIONS), tallyOf(after, tallyOf(before, NO_DURATIONS)));
      expect(tally.variance).toBeGreaterThanOrEqual(0);
      const logs = [...before, ...after].map((ms) => Math.log(ms));
      expect(tally.mean).toBeGreaterThanOrEqual(Math.min(...logs) - 1e-9);
      expect(tally.mean).toBeLessThanOrEqual(Math.max(...logs) + 1e-9);
    }),
  );
});

test('what counts comes at once and then moves by a factor of two at most', () => {
  expect(moved(null, HOUR)).toBe(HOUR);
  expect(moved(1_000, HOUR)).toBe(2_000);
  expect(moved(1_000, 1)).toBe(500);
  expect(moved(1_000, 1_100)).toBe(1_100);
});
