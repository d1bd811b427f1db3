/**
 * Collects what comes while a batch is under way into the next one: no timer, and under load as
 * few commits as there is time for.
 * @template T
 * @param {(items: T[]) => Promise<void>} write
 * @returns {(item: T) => Promise<void>} Resolves once the item's batch is written.
 */
export function batched(write) {
  /** @type {{ items: T[], written: Promise<void> } | null} */
  let next = null;
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  return (item) => {
    if (next) {
      next.items.push(item);
      return next.written;
    }
    const batch = { items: [item], written: Promise.resolve() };
    const before = last;
    batch.written = (async () => {
      await before.catch(() => {});
      // All handlers that start in this turn come along.
      await new Promise((resolve) => setImmediate(resolve));
      next = null;
      await write(batch.items);
    })();
    last = batch.written;
    next = batch;
    return batch.written;
  };
}
