import type { JsonValue } from '../json.js';

/** What Postgres does not take in JSON: U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const EACH_UNSTORABLE = /[\0\p{Cs}]/gu;

/** A text without what Postgres does not take; U+FFFD stands in its place. */
export function storableText(text: string): string {
  return UNSTORABLE.test(text) ? text.replace(EACH_UNSTORABLE, '\ufffd') : text;
}

/** A value as a record can keep it. */
export function storable(value: JsonValue): JsonValue {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), storable(each)]));
}
