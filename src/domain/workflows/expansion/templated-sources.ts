import type { JsonObject, JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import { readTemplates } from '../templated-value.js';
import { originOf } from './lookup.js';

/** A part of a task's own input that an array is in, and that has templates. */
export interface TemplatedSource {
  /** `[users]`, `[data]` or `[data, users]`. */
  readonly at: readonly [string, ...string[]];
  readonly value: JsonValue;
}

/** Those that have to be rendered before arrays are looked up: the input of a task is written as templates. */
export function templatedSources(paths: readonly string[], input: JsonValue): readonly TemplatedSource[] {
  const found = new Map<string, TemplatedSource>();
  for (const path of paths) {
    const origin = originOf(path, input);
    if (origin.kind !== 'INPUT') continue;
    const value = atKeys(input, origin.at);
    const { places, bad } = readTemplates(value);
    if (places.length + bad.length > 0) found.set(JSON.stringify(origin.at), { at: origin.at, value });
  }
  return [...found.values()];
}

function atKeys(input: JsonValue, keys: readonly string[]): JsonValue {
  let at = input;
  for (const key of keys) at = (isObject(at) ? at[key] : undefined) ?? null;
  return at;
}

/** An object with something else at a key, or at a key within that. */
export function withRendered(
  input: JsonValue,
  [key, ...rest]: TemplatedSource['at'],
  value: JsonValue,
): JsonObject {
  const fields = isObject(input) ? input : {};
  const [inner, ...others] = rest;
  const within = inner === undefined ? value : withRendered(fields[key] ?? null, [inner, ...others], value);
  return { ...fields, [key]: within };
}
