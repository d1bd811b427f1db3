import type { JsonValue } from '../json.js';
import { assemble, type ContextValue, keysOf, liveRows } from './context.js';
import { pathText } from './paths.js';

/**
 * What is to be written, all with one version, for a context to be as it was: each outermost key that differs is cleared,
 * and what was in it is written again, path by path.
 *
 * @param now its rows, the newest of each path
 * @param then those of the version that it is to be as it was at
 */
export function restoringWrites(
  now: readonly ContextValue[],
  then: readonly ContextValue[],
): readonly Pick<ContextValue, 'path' | 'value'>[] {
  const before = assemble(now);
  const after = assemble(then);
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !isSame(before[key], after[key]),
  );
  const live = new Map<string, ContextValue[]>();
  for (const row of liveRows(then)) {
    const [key = ''] = keysOf(row.path);
    const rows = live.get(key);
    if (rows) rows.push(row);
    else live.set(key, [row]);
  }
  return differing.flatMap((key) => {
    const path = pathText([key]);
    const rows = live.get(key) ?? [];
    const writes = rows.map((row) => ({ path: row.path, value: row.value }));
    return writes.some((write) => write.path === path) ? writes : [{ path, value: undefined }, ...writes];
  });
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right] = [a as Fields, b as Fields];
  return keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}

type Fields = Readonly<Record<string, JsonValue>>;
