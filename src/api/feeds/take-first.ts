/** Takes the first `max` ids out of a set, or all, in the order in which they came. */
export function takeFirst(ids: Set<string>, max: number): string[] {
  const taken: string[] = [];
  for (const id of ids) {
    if (taken.length === max) break;
    taken.push(id);
    ids.delete(id);
  }
  return taken;
}
