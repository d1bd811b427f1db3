/** The answers in order; the next begins when one of those before has ended. */
export async function someAtOnce<T, A>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<A>,
): Promise<readonly A[]> {
  const answers = new Array<A>(items.length);
  const left = items.entries();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const [at, item] of left) answers[at] = await work(item);
  });
  await Promise.all(workers);
  return answers;
}
