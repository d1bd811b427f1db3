import type { JsonValue } from '../../domain/json.js';
import { storableText } from '../../domain/policies/storable.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';

/** A value as the CEL library has it: ints are bigints, doubles numbers, timestamps Dates. */
export type CelValue = unknown;

/** How deep an answer may be nested. */
const MAX_DEPTH = 32;

/**
 * JSON in CEL: whole numbers bind as int, others as double. Objects are Maps: the library takes a plain
 * object that has a key `constructor` for something else.
 */
export function celOf(value: unknown): CelValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(celOf);
  return celMapOf(value);
}

export function celMapOf(fields: object): ReadonlyMap<string, CelValue> {
  const map = new Map<string, CelValue>();
  for (const [key, each] of Object.entries(fields)) map.set(key, celOf(each));
  return map;
}

/** A duration of the library, which does not export the class. */
interface CelDuration {
  readonly seconds: bigint;
  readonly nanos: number;
}

/**
 * What an expression came to, as JSON: ints and doubles are numbers, timestamps ISO 8601, durations `90s`.
 *
 * @throws {WrongAnswer} if it is nothing that JSON can say
 */
export function jsonOf(value: CelValue, maxDepth = MAX_DEPTH, depth = 0): JsonValue {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return storableText(value);
    case 'bigint':
      return Number(value);
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new WrongAnswer(`must not hold ${value}`);
    case 'object':
      return value === null ? null : jsonOfObject(value, maxDepth, depth);
    default:
      throw new WrongAnswer(`must not hold a ${typeof value}`);
  }
}

function jsonOfObject(value: object, maxDepth: number, depth: number): JsonValue {
  if (depth >= maxDepth) throw new WrongAnswer(`must not be nested deeper than ${maxDepth}`);
  if (Array.isArray(value)) return value.map((each) => jsonOf(each, maxDepth, depth + 1));
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value.toISOString();
    throw new WrongAnswer('must not hold a time outside of the calendar');
  }
  if (isDuration(value)) return durationText(value);
  const entries = value instanceof Map ? [...value] : plainEntriesOf(value);
  return Object.fromEntries(
    entries.map(([key, each]) => [storableText(String(key)), jsonOf(each, maxDepth, depth + 1)] as const),
  );
}

function plainEntriesOf(value: object): readonly (readonly [string, CelValue])[] {
  if (Object.getPrototypeOf(value) === Object.prototype) return Object.entries(value);
  throw new WrongAnswer(`must not hold a ${value.constructor.name}`);
}

function isDuration(value: object): value is CelDuration {
  return (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'google.protobuf.Duration';
}

/** Without an exponent, unlike a number that is printed. */
function durationText({ seconds, nanos }: CelDuration): string {
  const all = seconds * 1_000_000_000n + BigInt(Math.trunc(nanos));
  const size = all < 0n ? -all : all;
  const fraction = `${size % 1_000_000_000n}`.padStart(9, '0').replace(/0+$/, '');
  return `${all < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction && `.${fraction}`}s`;
}
