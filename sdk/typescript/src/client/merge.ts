/** Iterates over several at once, in the order in which values come; fails as soon as one fails. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void, undefined> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pull = async (i: AsyncIterator<T>) => ({ i, result: await i.next() });
  const pending = new Map(iterators.map((i) => [i, pull(i)]));
  try {
    while (pending.size > 0) {
      const { i, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(i);
        continue;
      }
      pending.set(i, pull(i));
      yield result.value;
    }
  } finally {
    for (const promise of pending.values()) promise.catch(() => {});
    for (const i of iterators) void i.return?.().catch(() => {});
  }
}
