import type { TaskKey } from '../../ports/ready-index.js';
import { keyOf } from './tables.js';

/** An item, and its place in the call. */
export interface Placed<Item> {
  readonly item: Item;
  readonly at: number;
}

/**
 * The items of a call as the other record's group commit takes them: in the order of the record's
 * key, no two of one name in one batch.
 *
 * @param nameOf default: the key of the task
 */
export function batchesOf<Item extends TaskKey>(
  items: readonly Item[],
  nameOf: (item: Item) => string = orderOf,
): readonly (readonly Placed<Item>[])[] {
  const batches: { readonly names: Set<string>; readonly placed: Placed<Item>[] }[] = [];
  for (const [at, item] of items.entries()) {
    const name = nameOf(item);
    let batch = batches.find(({ names }) => !names.has(name));
    if (!batch) {
      batch = { names: new Set(), placed: [] };
      batches.push(batch);
    }
    batch.names.add(name);
    batch.placed.push({ item, at });
  }
  const compare = (a: Placed<Item>, b: Placed<Item>) => (orderOf(a.item) < orderOf(b.item) ? -1 : 1);
  return batches.map(({ placed }) => placed.sort(compare));
}

export function orderOf({ org, taskId }: TaskKey): string {
  return keyOf(org, taskId);
}
