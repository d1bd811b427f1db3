import type { Invocation } from './invocation.js';
import { safeText } from './output/safe-text.js';
import type { View } from './output/view.js';

/** Says that a thing is gone; what it was, to programs. @param what for people: `policy` */
export function showDeleted<T>({ out }: Invocation, view: View<T>, what: string, item: T): Promise<void> {
  return out.format === 'table'
    ? out.text(`Deleted ${what} ${safeText(view.id(item))}\n`)
    : out.one(view, item);
}
