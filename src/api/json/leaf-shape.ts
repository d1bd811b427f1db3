import {
  type DescEnum,
  type DescMessage,
  fromJson,
  isEnumJson,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import { nearest } from '../../domain/nearest.js';
import { lostDigitsOf } from './lost-digits.js';

/** What a value should be instead, as the end of "must be …"; `undefined` if it is that. */
type Wanted = string | undefined;

const WHOLE = /^-?\d+$/;
const HALF_OF_A_PAIR = /\p{Cs}/u;
const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** What a field of the type takes instead of the value. */
export function wantedScalar(type: ScalarType, value: JsonValue): Wanted {
  switch (type) {
    case ScalarType.STRING:
      if (typeof value !== 'string' || lostDigitsOf(value) !== undefined) return 'a string';
      return HALF_OF_A_PAIR.test(value) ? 'text without half of a surrogate pair' : undefined;
    case ScalarType.BOOL:
      return typeof value === 'boolean' ? undefined : 'true or false';
    case ScalarType.BYTES:
      return typeof value === 'string' && isBase64(value) ? undefined : 'bytes in base64';
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return isDouble(value) ? undefined : 'a number';
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return wanted32(value, 0, MAX_UINT32);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return wanted32(value, -MAX_INT32 - 1, MAX_INT32);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return wanted64(value, 0n, MAX_UINT64);
    default:
      return wanted64(value, -MAX_INT64 - 1n, MAX_INT64);
  }
}

function isBase64(text: string): boolean {
  const data = text.replace(/={0,2}$/, '');
  return /^[\w+/-]*$/.test(data) && data.length % 4 !== 1;
}

function isDouble(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'string') return false;
  if (/^(?:NaN|-?Infinity)$/.test(value) || lostDigitsOf(value) !== undefined) return true;
  return value !== '' && value.trim() === value && Number.isFinite(Number(value));
}

function wanted32(value: JsonValue, min: number, max: number): Wanted {
  const text = typeof value === 'string' && value !== '' && value.trim() === value;
  const number = text ? Number(value) : value;
  const fits = Number.isInteger(number) && Number(number) >= min && Number(number) <= max;
  return fits ? undefined : `a whole number from ${min} to ${max}`;
}

function wanted64(value: JsonValue, min: bigint, max: bigint): Wanted {
  const lost = lostDigitsOf(value) ?? (isUnsafe(value) ? String(BigInt(value)) : undefined);
  if (lost !== undefined) return asText(lost);
  const number = Number.isSafeInteger(value) ? BigInt(value as number) : bigintOf(value);
  const fits = number !== undefined && number >= min && number <= max;
  return fits ? undefined : `a whole number from ${min} to ${max}`;
}

function isUnsafe(value: JsonValue): value is number {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function bigintOf(value: JsonValue): bigint | undefined {
  return typeof value === 'string' && value.length < 25 && WHOLE.test(value) ? BigInt(value) : undefined;
}

/** The same for an enum: a name, or a number, of which the constraints see to that it is known. */
export function wantedEnum(desc: DescEnum, value: JsonValue): Wanted {
  if (
    typeof value === 'string' ? isEnumJson(desc, value) : wanted32(value, -MAX_INT32, MAX_INT32) === undefined
  )
    return undefined;
  const prefix = desc.sharedPrefix ?? '';
  const names = desc.values.filter(({ number }) => number !== 0).map(({ name }) => name);
  const short = (name: string) => name.toLowerCase().replace(prefix.toLowerCase(), '');
  const meant = typeof value === 'string' ? nearest(short(value), names.map(short)) : undefined;
  const hint = names.find((name) => short(name) === meant);
  return `one of ${names.join(', ')}${hint ? ` (did you mean ${hint}?)` : ''}`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'a time such as "2026-01-31T08:30:00Z"',
  'google.protobuf.Duration': 'a duration in seconds such as "90s" or "1.5s"',
  'google.protobuf.FieldMask': 'names of fields in lowerCamelCase with commas between, such as "tier,runAt"',
};

const DURATION = /^-?\d+(?:\.\d{1,9})?s$/;

/** The same for a message of google.protobuf that is written in a form of its own. */
export function wantedWellKnown(desc: DescMessage, value: JsonValue): Wanted {
  if (desc.typeName === 'google.protobuf.Duration' && !DURATION.test(String(value))) return exampleOf(desc);
  try {
    fromJson(desc, value);
    return undefined;
  } catch {
    return exampleOf(desc);
  }
}

function exampleOf({ typeName }: DescMessage): string {
  return EXAMPLES[typeName] ?? `a ${typeName}`;
}

/** A value as it is quoted to who wrote it. */
export function quoted(value: JsonValue): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number too large to hold';
  return shortened(lostDigitsOf(value) ?? JSON.stringify(value));
}

/** How a number is written whose digits would be lost. */
export function asText(digits: string): string {
  return `written as a string, ${shortened(JSON.stringify(digits))}, since a number of JSON loses digits`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
