import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type HealthRules,
  type Heartbeats,
  healthScore,
  isStale,
  NO_HEARTBEATS,
  withBeat,
} from '../../src/domain/agents/health.js';

const rules: HealthRules = { intervalMs: 15_000, windowIntervals: 10, staleAfterMs: 300_000 };
const START = 1_700_000_000_000;

function beats(times: readonly number[]): Heartbeats {
  return times.reduce((h, t) => withBeat(h, START + t, rules), NO_HEARTBEATS);
}

test('an agent that was never heard of has no health and is stale', () => {
  expect(healthScore(NO_HEARTBEATS, START, rules)).toBe(0);
  expect(isStale(NO_HEARTBEATS, START, rules)).toBe(true);
});

test('an agent that has just come is healthy, and stays so while it beats', () => {
  const times = Array.from({ length: 40 }, (_, i) => i * 15_000);
  for (let n = 1; n <= times.length; n += 1) {
    expect(healthScore(beats(times.slice(0, n)), START + (n - 1) * 15_000, rules)).toBe(1);
  }
});

test('missing half of the beats costs half of the health', () => {
  const times = Array.from({ length: 20 }, (_, i) => i * 30_000);
  const score = healthScore(beats(times), START + 19 * 30_000, rules);
  expect(score).toBeGreaterThan(0.4);
  expect(score).toBeLessThan(0.65);
});

test('beating more often than asked neither helps nor harms', () => {
  const often = Array.from({ length: 600 }, (_, i) => i * 500);
  const h = beats(often);
  expect(healthScore(h, START + 600 * 500, rules)).toBe(1);
  expect(h.counted.length).toBeLessThanOrEqual(2 * rules.windowIntervals + 1);
});

test('silence lowers health steadily to zero at the time it counts as stale', () => {
  const h = beats([0, 15_000, 30_000]);
  const scores = Array.from({ length: 320 }, (_, s) => healthScore(h, START + 30_000 + s * 1_000, rules));
  for (const [i, score] of scores.entries())
    if (i > 0) expect(score).toBeLessThanOrEqual((scores[i - 1] ?? 0) + 1e-9);
  expect(scores[301]).toBe(0);
});

test('a stale agent that comes back begins anew', () => {
  const h = withBeat(beats([0, 15_000]), START + 1_000_000, rules);
  expect(h.since).toBe(START + 1_000_000);
  expect(healthScore(h, START + 1_000_000, rules)).toBe(1);
});

test('health is between 0 and 1 whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000_000), { maxLength: 60 }), fc.nat(3_000_000), (times, at) => {
      const sorted = times.sort((a, b) => a - b);
      const score = healthScore(beats(sorted), START + (sorted.at(-1) ?? 0) + at, rules);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }),
  );
});
