import type { JsonObject, JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import { ROOTS } from './lookup.js';

/** A part of a task's own input that an array is in, and that has templates. */
export interface TemplatedSource {
  /** `[users]`, `[data]` or `[data, users]`. */
  readonly at: readonly string[];
  readonly value: JsonValue;
}

/** Those that have to be rendered before arrays are looked up: the input of a task is written as templates. */
export function templatedSources(paths: readonly string[], input: JsonValue): readonly TemplatedSource[] {
  if (!isObject(input)) return [];
  const found = new Map<string, TemplatedSource>();
  for (const path of paths) {
    if (ROOTS.some((root) => path.startsWith(`${root}.`))) continue;
    const source = sourceOf(path, input);
    if (source && hasTemplate(source.value)) found.set(source.at.join('\n'), source);
  }
  return [...found.values()];
}

function sourceOf(path: string, input: JsonObject): TemplatedSource | null {
  const [head = ''] = path.split('.');
  const { data = null } = input;
  for (const key of [path, head]) {
    if (Object.hasOwn(input, key)) {
      const value = input[key] ?? null;
      // Of `data.users`, other parts of `data` may be templates over the item.
      return key === 'data' && isObject(value)
        ? inData(path.slice('data.'.length), value)
        : { at: [key], value };
    }
  }
  if (typeof data === 'string') return { at: ['data'], value: data };
  return isObject(data) ? inData(path, data) : null;
}

function inData(path: string, data: JsonObject): TemplatedSource | null {
  const [head = ''] = path.split('.');
  const key = [path, head].find((each) => Object.hasOwn(data, each));
  return key === undefined ? null : { at: ['data', key], value: data[key] ?? null };
}

/** The input with sources as they were rendered. */
export function withRendered(
  input: JsonValue,
  sources: readonly TemplatedSource[],
  values: readonly JsonValue[],
): JsonValue {
  let changed = isObject(input) ? input : {};
  for (const [place, { at }] of sources.entries()) {
    const [key = '', inner] = at;
    const value = values[place] ?? null;
    const outer = changed[key];
    changed = {
      ...changed,
      [key]: inner !== undefined && isObject(outer) ? { ...outer, [inner]: value } : value,
    };
  }
  return changed;
}

function hasTemplate(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasTemplate);
}
