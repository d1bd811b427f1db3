/** A mean with how far the true one may lie from it: half of its 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly half: number;
}

/** By Student's t, of independent values; at least two. */
export function estimate(values: readonly number[]): Estimate {
  if (values.length < 2) throw new Error('an interval takes two values or more');
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (values.length - 1) / values.length);
  return { mean, half: studentT(values.length - 1) * error };
}

/** Of the differences a − b, pair by pair: what both had in common (the same workload) cancels out. */
export function pairedDifference(a: readonly number[], b: readonly number[]): Estimate {
  if (a.length !== b.length) throw new Error(`pairs of ${a.length} and ${b.length} values`);
  return estimate(a.map((value, n) => value - (b[n] as number)));
}

/** Whether the interval has nothing of zero in it. */
export function isSure({ mean, half }: Estimate): boolean {
  return Math.abs(mean) > half;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value below which the share `q` of the values lies; 0 of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** How even values are: 1 all the same, 1 / n one has all. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (values.length * squares);
}

/** 97.5 % points of Student's t for 1 to 30 degrees of freedom. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

function studentT(freedom: number): number {
  // Beyond the table by the first terms of its series about the normal one's 1.960.
  return T[freedom - 1] ?? 1.96 + 2.372 / freedom;
}
