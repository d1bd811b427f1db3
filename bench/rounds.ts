import { median } from './statistics.js';

/** One measurement of each system, interleaved: there and back again, so that a drift of the machine meets all. */
export async function interleaved<T>(
  names: readonly string[],
  rounds: number,
  measure: (name: string, round: number) => Promise<T>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const all = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) all.get(name)?.push(await measure(name, round));
  }
  return all;
}

/** Median of the ratios within each round. */
export function pairedRatio<T>(ours: readonly T[], theirs: readonly T[], of: (one: T) => number): number {
  const ratios = ours.flatMap((one, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [of(one) / of(other)];
  });
  return median(ratios);
}
