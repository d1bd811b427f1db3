import type { JsonObject, JsonValue } from '../json.js';

/** Keys of objects, and places in lists from 0, from the outermost on. */
export type ValuePath = readonly (string | number)[];

/** A name; `["any name"]`, `['any name']`; `[0]`. */
const STEP = /(?:^|\.)([^.[\]"'\p{Cc}]+)|\[\s*(?:(0|[1-9]\d{0,14})|"([^"\\\n]*)"|'([^'\\\n]*)')\s*\]/uy;

/** Reads a path such as `users[0].name` or `outputs["first step"].text`; `null`: it is none. */
export function parsePath(text: string): ValuePath | null {
  if (!/[[\]"'\p{Cc}]/u.test(text)) return ofNames(text.split('.'));
  if (text.startsWith('.')) return null;
  const path: (string | number)[] = [];
  const step = new RegExp(STEP);
  while (step.lastIndex < text.length) {
    const [, name, index, double, single] = step.exec(text) ?? [];
    const key = index === undefined ? (name ?? double ?? single) : Number(index);
    // A step that does not match begins anew from 0.
    if (key === undefined || key === '__proto__') return null;
    path.push(key);
  }
  return path;
}

/** Nearly all paths are names with dots between them. */
function ofNames(names: readonly string[]): ValuePath | null {
  return names.some((name) => name === '' || name === '__proto__') ? null : names;
}

/** A path as `parsePath` reads it, always the same for the same path. */
export function pathText(path: ValuePath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[^.[\]"'\p{Cc}]+$/u.test(key)) text += `${text && '.'}${key}`;
    else text += key.includes('"') ? `['${key}']` : `["${key}"]`;
  }
  return text;
}

/** What is there; `undefined`: nothing, or the path is none. Keys are of objects, places of lists. */
export function valueAt(value: JsonValue, path: string | ValuePath): JsonValue | undefined {
  const keys = typeof path === 'string' ? parsePath(path) : path;
  if (!keys) return undefined;
  let at: JsonValue | undefined = value;
  for (const key of keys) {
    at = stepInto(at, key);
    if (at === undefined) return undefined;
  }
  return at;
}

/** One step of `valueAt`. */
export function stepInto(value: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return typeof key === 'string' && Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
}
