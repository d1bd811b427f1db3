/** The name that was most likely meant, however it is put together; `undefined` if none is near. */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  // Long ones are near to nothing, and would take long to compare.
  if (given.length > 64) return undefined;
  const word = folded(given);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const away = distance(word, folded(name));
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** `leaseTtl`, `LEASE_TTL` and `lease-ttl` are the same. */
function folded(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** Letters to change, add, leave out or swap with the next to get from one word to the other. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + same,
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
