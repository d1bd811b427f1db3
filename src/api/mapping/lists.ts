export function sortedDistinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** Labels by key, so that equal ones have equal forms. */
export function sortedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels);
  return entries.length === 0 ? {} : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The first items that fit into `maxBytes` together, at least one: an answer must stay
 * below what its reader takes in one message.
 */
export function fitting<T>(items: readonly T[], maxBytes: number, sizeOf: (item: T) => number): readonly T[] {
  let bytes = 0;
  const end = items.findIndex((item, i) => {
    bytes += sizeOf(item);
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? items : items.slice(0, end);
}
