import { describe, expect, it } from 'vitest';
import { normal } from '../../../bench/decisions/chance/distributions.js';
import { randomOf } from '../../../bench/decisions/chance/random.js';
import { estimate, isSure, jain, pairedDifference, quantile } from '../../../bench/decisions/statistics.js';

describe('statistics', () => {
  it("takes intervals by Student's t", () => {
    const { mean, half } = estimate([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    // 2.776 × √2.5 ÷ √5
    expect(half).toBeCloseTo(1.963, 3);
    expect(() => estimate([1])).toThrow('two values');
  });

  it.each([5, 10, 40])('has the true mean in 95 of 100 intervals of %d values', (count) => {
    const random = randomOf(count, 'coverage');
    let held = 0;
    for (let n = 0; n < 4_000; n += 1) {
      const { mean, half } = estimate(Array.from({ length: count }, () => 7 + normal(random)));
      if (Math.abs(mean - 7) <= half) held += 1;
    }
    expect(held / 4_000).toBeGreaterThan(0.94);
    expect(held / 4_000).toBeLessThan(0.96);
  });

  it('sees by pairs what the spread between seeds would hide', () => {
    const workload = [10, 200, 35, 470, 90];
    const better = workload.map((value, n) => value - 3 + (n % 2) * 0.5);
    expect(isSure(pairedDifference(better, workload))).toBe(true);
    expect(estimate(workload).half).toBeGreaterThan(100);
    expect(isSure(pairedDifference([1, 2, 3], [2, 1, 3]))).toBe(false);
  });

  it('tells quantiles, and how even values are', () => {
    const values = Array.from({ length: 100 }, (_, n) => 99 - n);
    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0.99)).toBe(99);
    expect(jain([3, 3, 3])).toBeCloseTo(1);
    expect(jain([5, 0, 0, 0])).toBeCloseTo(0.25);
  });
});
