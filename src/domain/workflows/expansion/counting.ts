/** How many combinations may be made before conditions leave some out. */
export const MAX_COMBINATIONS = 1_000_000;

/**
 * How many combinations arrays of these lengths have, before any is made.
 *
 * @returns the count, or why they are too many: `TOO_MANY_ITEMS: 1000 × 1000 = 1,000,000 items, at most 100,000`
 */
export function countCombinations(
  lengths: readonly number[],
  limits: { readonly maxItems: number; readonly conditional: boolean },
): { readonly count: number } | { readonly reason: string } {
  let product = 1n;
  for (const length of lengths) product *= BigInt(length);
  const most = limits.conditional ? MAX_COMBINATIONS : limits.maxItems;
  if (product <= BigInt(most)) return { count: Number(product) };
  const what = limits.conditional ? 'combinations before conditions' : 'items';
  const factors = lengths.length > 1 ? `${lengths.join(' × ')} = ` : '';
  return { reason: `TOO_MANY_ITEMS: ${factors}${grouped(product)} ${what}, at most ${grouped(most)}` };
}

/** 1000000 as `1,000,000`. */
export function grouped(n: number | bigint): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
