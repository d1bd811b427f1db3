/**
 * A column of a statement's input, which comes by `unnest` beside others: none at all where no item
 * has a value, for `unnest` fills it up with nulls, and that takes no time on either side.
 */
export function sparseColumn<Item, Value>(
  items: readonly Item[],
  read: (item: Item) => Value | null,
): readonly (Value | null)[] {
  const values = items.map(read);
  return values.some((value) => value !== null) ? values : [];
}
