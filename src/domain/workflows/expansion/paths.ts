import type { JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';

const PATH = /^[A-Za-z_][\w-]*(\.[\w-]+)*$/;

/** Whether a text is names with dots between them, and not an expression. */
export function isPath(text: string): boolean {
  return PATH.test(text);
}

/** What is at a path: fields of objects, and elements of lists by their number from 0. */
export function valueIn(root: JsonValue, segments: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const segment of segments) {
    if (Array.isArray(at)) at = /^\d{1,9}$/.test(segment) ? at[Number(segment)] : undefined;
    else at = isObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
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
