import type { JsonValue } from '../json.js';
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
  if (depthOf(value) > MAX_VALUE_DEPTH) {
    return refuse(`must not be nested deeper than ${MAX_VALUE_DEPTH}`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_VALUE_BYTES) return refuse(`must have at most ${MAX_VALUE_BYTES} bytes, not ${bytes}`);
  if (!known) return { ok: true, value };
  const parsed = known.parse(value);
  if (parsed === undefined) return refuse(`of ${key} must be ${known.accepted}`);
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

/** 0 for what holds nothing; looks no deeper than it must. */
function depthOf(value: JsonValue, limit = MAX_VALUE_DEPTH + 1): number {
  if (typeof value !== 'object' || value === null || limit === 0) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, limit - 1));
  return deepest + 1;
}
