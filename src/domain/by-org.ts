/** In the order they come, by their organisation. */
export function byOrg<T extends { readonly org: string }>(
  items: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.org);
    if (group) group.push(item);
    else groups.set(item.org, [item]);
  }
  return groups;
}
