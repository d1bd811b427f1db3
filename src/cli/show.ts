import { setTimeout as sleep } from 'node:timers/promises';
import type { Invocation } from './invocation.js';
import type { View } from './output/view.js';

const DEFAULT_INTERVAL_MS = 2_000;

export interface Listing<T> {
  readonly view: View<T>;
  /** Asks anew each time. */
  readonly load: () => Promise<readonly T[]>;
  /** What people read when there is nothing. */
  readonly none: string;
}

/**
 * Prints a list. With `--watch` again and again: a screen that is redrawn for people,
 * otherwise whatever is new or has changed.
 */
export async function showList<T>(invocation: Invocation, { view, load, none }: Listing<T>): Promise<number> {
  const { given, out, signal } = invocation;
  if (!given.switched('watch')) {
    await out.many(view, await load(), none);
    return 0;
  }
  invocation.beginWaiting('Leave --timeout out to watch without end.');
  const seen = new Map<string, string>();
  for (;;) {
    const items = await load();
    if (out.live) await out.redrawMany(view, items, none);
    else {
      for (const item of items) {
        if (seen.get(view.id(item)) === view.version(item)) continue;
        seen.set(view.id(item), view.version(item));
        await out.next(view, item);
      }
    }
    await sleep(given.duration('interval') ?? DEFAULT_INTERVAL_MS, undefined, { signal });
  }
}

/** Prints what `ids` name: one as itself, several as a list. */
export async function showEach<T>(
  invocation: Invocation,
  view: View<T>,
  ids: readonly string[],
  get: (id: string) => Promise<T>,
): Promise<number> {
  const items = await Promise.all(ids.map(get));
  const [first] = items;
  if (first && items.length === 1) await invocation.out.one(view, first);
  else await invocation.out.many(view, items, 'None.');
  return 0;
}

/** At most `limit` of a stream; 0 is no limit. Tells whether there was more. */
export async function take<T>(
  items: AsyncIterable<T>,
  limit: number,
): Promise<{ readonly taken: readonly T[]; readonly more: boolean }> {
  const taken: T[] = [];
  for await (const item of items) {
    if (limit > 0 && taken.length === limit) return { taken, more: true };
    taken.push(item);
  }
  return { taken, more: false };
}
