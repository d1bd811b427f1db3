import type { JsonValue } from '../../json.js';
import { stepInto, type ValuePath } from '../paths.js';
import { plainPath } from '../plain-path.js';

const NAMES = /^[A-Za-z_][\w-]*(\.[\w-]+)*$/;

/** A path from a field of an item on, with or without `item` before; `null`: it is an expression. */
export function pathOfRule(rule: string): ValuePath | null {
  const path = plainPath(rule) ?? (NAMES.test(rule.trim()) ? rule.trim().split('.') : null);
  return path?.[0] === 'item' && path.length > 1 ? path.slice(1) : path;
}

/** What is there, as `valueAt` has it; a number may also be the name of a step into a list: `list.0`. */
export function valueIn(root: JsonValue, path: ValuePath): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const key of path) {
    const isPlace = Array.isArray(at) && typeof key === 'string' && /^\d{1,9}$/.test(key);
    at = stepInto(at, isPlace ? Number(key) : key);
    if (at === undefined) return undefined;
  }
  return at;
}

/** A value as an error names it: `a text`, `an object with a, b`. */
export function whatIs(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    default:
      return whatHas(Object.keys(value));
  }
}

function whatHas(keys: readonly string[]): string {
  if (keys.length === 0) return 'an empty object';
  const named = keys.slice(0, 5).map((key) => (key.length > 50 ? `${key.slice(0, 49)}…` : key));
  return `an object with ${named.join(', ')}${keys.length > 5 ? ' …' : ''}`;
}
