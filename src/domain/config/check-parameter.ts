import type { JsonValue } from '../json.js';
import { sizeProblem } from '../json-size.js';
import { nearest } from '../nearest.js';
import { KNOWN_KEYS } from './config-keys.js';

/** Bytes of a value as JSON, and how deep it may be. */
export const MAX_VALUE_BYTES = 64 * 1024;
export const MAX_VALUE_DEPTH = 32;

/** What is to be stored, or what is wrong: completes a sentence that begins with the field. */
export type CheckedParameter =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly field: 'key' | 'value'; readonly problem: string };

/** Whether a parameter may be set so, and the form in which it is. */
export function checkParameter(key: string, value: JsonValue): CheckedParameter {
  const known = KNOWN_KEYS.get(key);
  if (!known && !isFreeKey(key)) return { ok: false, field: 'key', problem: unknownKey(key) };
  const size = sizeProblem(value, { maxBytes: MAX_VALUE_BYTES, maxDepth: MAX_VALUE_DEPTH });
  if (size !== null) return refuse(size);
  if (!known) return { ok: true, value };
  const parsed = known.parse(value);
  if (parsed === undefined) return refuse(`must be ${known.accepted}, for ${key}`);
  return { ok: true, value: known.format(parsed) };
}

/** Keys of which Reeve knows nothing have a dot or a slash: those without are for Reeve. */
export function isFreeKey(key: string): boolean {
  return /[./]/.test(key);
}

function unknownKey(key: string): string {
  const meant = nearest(key, KNOWN_KEYS.keys());
  const help = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  return `names no parameter${help}; free keys have a dot or a slash, such as acme/tone`;
}

function refuse(problem: string): CheckedParameter {
  return { ok: false, field: 'value', problem };
}
