import type { JsonObject, JsonValue } from '../json.js';
import { nearest } from '../nearest.js';
import { storableText } from './storable.js';
import { WrongAnswer } from './wrong-answer.js';

/** Words of a policy are cut to this many characters. */
export const MAX_REASON_LENGTH = 1_000;

/** A map that has no other fields than these. */
export function objectOf(output: JsonValue, what: string, fields: readonly string[]): JsonObject {
  if (!isObject(output)) throw new WrongAnswer(`must be ${what}, not ${typeName(output)}`);
  for (const name of Object.keys(output)) {
    if (fields.includes(name)) continue;
    const meant = nearest(name, fields);
    throw new WrongAnswer(`has the unknown field ${shown(name)}${meant ? `, did you mean ${meant}?` : ''}`);
  }
  return output;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Left out and `null` are `false`. */
export function booleanIn(fields: JsonObject, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== 'boolean') throw new WrongAnswer(`${name} must be a bool, not ${typeName(value)}`);
  return value;
}

/** Left out and `null` are empty; what is too long is cut. */
export function textIn(fields: JsonObject, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw new WrongAnswer(`${name} must be a string, not ${typeName(value)}`);
  return wordsOf(value);
}

/** Words for people, at most `MAX_REASON_LENGTH` characters. */
export function wordsOf(text: string): string {
  return cut(text, MAX_REASON_LENGTH);
}

export function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an int' : 'a double';
  return typeof value === 'string' ? 'a string' : 'a bool';
}

/** A value as an error message shows it. */
export function shown(value: JsonValue): string {
  return cut(JSON.stringify(value), 80);
}

function cut(text: string, length: number): string {
  return storableText(text.length > length ? `${text.slice(0, length - 1)}…` : text);
}
