import type { Invocation } from './invocation.js';
import type { View } from './output/view.js';

/** What a feed tells: all there is, or one thing that came, changed or left. */
export type Told<T> =
  | { readonly all: readonly T[] }
  | { readonly item: T; readonly left: boolean }
  /** It left, and nothing more is known of it. */
  | { readonly goneId: string };

export interface Feed<T> {
  readonly view: View<T>;
  readonly told: AsyncIterable<Told<T>>;
  /** What people read when there is nothing. */
  readonly none: string;
  /** By id; those that come first are shown. */
  readonly order: (a: string, b: string) => number;
}

/** What is kept for the screen; the rest is not shown until it changes. */
const MAX_KEPT = 1_000;
const MAX_SHOWN = 100;

/**
 * Shows what a feed tells, without end: a screen that is redrawn for people, otherwise a line for
 * whatever is new or has changed, also for what has left.
 */
export async function showFeed<T>(
  { out }: Pick<Invocation, 'out'>,
  { view, told, none, order }: Feed<T>,
): Promise<number> {
  let items = new Map<string, T>();
  for await (const news of told) {
    const before = items;
    if ('all' in news) items = new Map(news.all.map((item) => [view.id(item), item]));
    else if ('goneId' in news) items.delete(news.goneId);
    else if (news.left) items.delete(view.id(news.item));
    const changed = 'all' in news ? news.all : 'item' in news ? [news.item] : [];
    if (!out.live) {
      for (const item of changed) {
        const known = before.get(view.id(item));
        if (known === undefined || view.version(known) !== view.version(item)) await out.next(view, item);
      }
    }
    if ('item' in news && !news.left) items.set(view.id(news.item), news.item);
    const sorted = items.size > MAX_KEPT || out.live ? [...items.keys()].sort(order) : [];
    for (const id of sorted.slice(MAX_KEPT)) items.delete(id);
    if (!out.live) continue;
    const shown = sorted.slice(0, MAX_SHOWN).flatMap((id) => items.get(id) ?? []);
    await out.redrawMany(view, shown, none);
  }
  return 0;
}
