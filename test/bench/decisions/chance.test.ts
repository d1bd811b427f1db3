import { describe, expect, it } from 'vitest';
import {
  beta,
  exponential,
  gamma,
  lognormal,
  lognormalMean,
  poisson,
  uniform,
  weighted,
} from '../../../bench/decisions/chance/distributions.js';
import { type Random, randomOf } from '../../../bench/decisions/chance/random.js';

const DRAWS = 40_000;
const draws = (draw: (random: Random) => number) => {
  const random = randomOf(7, 'test');
  return Array.from({ length: DRAWS }, () => draw(random));
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variation = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2) / mean(values);

describe('chance', () => {
  it('is the same for the same seed and purpose, and another for another', () => {
    const first = (seed: number, purpose: string) => {
      const random = randomOf(seed, purpose);
      return Array.from({ length: 5 }, random);
    };
    expect(first(1, 'workload')).toEqual(first(1, 'workload'));
    expect(first(1, 'workload')).not.toEqual(first(2, 'workload'));
    expect(first(1, 'workload')).not.toEqual(first(1, 'policy'));
  });

  it('is even from 0 to 1', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of draws((random) => random()))
      tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    for (const count of tenths) expect(Math.abs(count - DRAWS / 10)).toBeLessThan(250);
  });

  it.each([
    ['uniform', (random: Random) => uniform(random, 2, 6), 4, 0.289],
    ['exponential', (random: Random) => exponential(random, 5), 5, 1],
    ['gamma in bursts', (random: Random) => gamma(random, 5, 2.5), 5, 2.5],
    ['gamma, even', (random: Random) => gamma(random, 5, 0.5), 5, 0.5],
    ['lognormal', (random: Random) => lognormal(random, 10, 0.8), lognormalMean(10, 0.8), 0.947],
    ['beta', (random: Random) => beta(random, 2, 3), 0.4, 0.5],
    ['poisson', (random: Random) => poisson(random, 4), 4, 0.5],
  ])('%s has its mean and variation', (_, draw, expectedMean, expectedVariation) => {
    const values = draws(draw);
    expect(mean(values) / expectedMean).toBeCloseTo(1, 1);
    expect(variation(values) / expectedVariation).toBeCloseTo(1, 1);
  });

  it('picks names by their weights, and never one of weight 0', () => {
    const random = randomOf(3, 'test');
    const names = Array.from({ length: DRAWS }, () => weighted(random, { never: 0, seldom: 1, often: 3 }));
    expect(names).not.toContain('never');
    expect(names.filter((name) => name === 'often').length / DRAWS).toBeCloseTo(0.75, 2);
  });
});
