import type { Random } from './random.js';

export function uniform(random: Random, least: number, most: number): number {
  return least + (most - least) * random();
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** With mean 0 and deviation 1: Box and Muller's, one of the two. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** @param sigma deviation of its logarithm */
export function lognormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

export function lognormalMean(median: number, sigma: number): number {
  return median * Math.exp(sigma ** 2 / 2);
}

/** By its mean and its coefficient of variation: at 1 it is the exponential one, above that it comes in bursts. */
export function gamma(random: Random, mean: number, variation: number): number {
  const shape = 1 / variation ** 2;
  return (mean / shape) * gammaOfShape(random, shape);
}

export function beta(random: Random, a: number, b: number): number {
  const x = gammaOfShape(random, a);
  return x / (x + gammaOfShape(random, b));
}

/** How many events of a Poisson process fall into a time in which `mean` are expected: by their gaps, so exact for any. */
export function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let at = exponential(random, 1); at <= mean; at += exponential(random, 1)) count += 1;
  return count;
}

/** One of the names, as likely as its weight says. */
export function weighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const entries = Object.entries(weights) as [Name, number][];
  let rest = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    rest -= weight;
    if (rest < 0) return name;
  }
  return (entries.at(-1) as [Name, number])[0];
}

/** A whole number from 0 to `count`, exclusive. */
export function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}

/** With scale 1. Marsaglia and Tsang's. */
function gammaOfShape(random: Random, shape: number): number {
  if (shape < 1) return gammaOfShape(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
