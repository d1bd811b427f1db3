import { stringify } from 'csv-stringify/sync';
import { safeText } from './safe-text.js';
import type { View } from './view.js';

/** The names of the columns. */
export function csvHead<T>(view: View<T>): string {
  return stringify([view.columns.map((c) => c.title)]);
}

/** One line; a cell that a spreadsheet would run as a formula is quoted for it. */
export function csvRow<T>(view: View<T>, item: T): string {
  const cells = view.columns.map((c) => {
    const value = c.value(item);
    return typeof value === 'string' ? safeText(value) : value;
  });
  return stringify([cells], { escape_formulas: true, cast: { boolean: String } });
}
