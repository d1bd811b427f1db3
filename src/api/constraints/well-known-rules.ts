import type { Duration, Struct, Timestamp, Value } from '@bufbuild/protobuf/wkt';
import type { FieldConstraints } from '@reeve/sdk/protocol';
import type { FieldViolation } from '../../domain/errors.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { stringRules, type Visit } from './scalar-rules.js';
import { type Path, Violations } from './violations.js';

/** How deep a google.protobuf.Value may nest: deeper ones break decoders of other languages. */
export const MAX_VALUE_DEPTH = 64;
export const TOO_DEEP = `must not nest deeper than ${MAX_VALUE_DEPTH} levels`;

const MAX_DURATION_SECONDS = 315_576_000_000n;
const MIN_TIMESTAMP_SECONDS = -62_135_596_800n;
const MAX_TIMESTAMP_SECONDS = 253_402_300_799n;

/** A Duration is in its range and between the bounds of its field. */
export function durationRules(rules: FieldConstraints | undefined): Visit {
  const min = rules?.minDuration;
  const max = rules?.maxDuration;
  return (value, path, out) => {
    const duration = value as Duration;
    if (!isDuration(duration)) out.add(path, 'is not a valid duration');
    else if (min && compare(duration, min) < 0) out.add(path, `must be at least ${inSeconds(min)}`);
    else if (max && compare(duration, max) > 0) out.add(path, `must be at most ${inSeconds(max)}`);
  };
}

function isDuration({ seconds, nanos }: Duration): boolean {
  if (seconds > MAX_DURATION_SECONDS || seconds < -MAX_DURATION_SECONDS) return false;
  if (Math.abs(nanos) > 999_999_999) return false;
  return !(seconds > 0n && nanos < 0) && !(seconds < 0n && nanos > 0);
}

function compare(a: Duration, b: Duration): number {
  return a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds < b.seconds ? -1 : 1;
}

function inSeconds({ seconds, nanos }: Duration): string {
  return `${Number(seconds) + nanos / 1e9}s`;
}

/** A Timestamp is between the years 1 and 9999. */
export const timestampRules: Visit = (value, path, out) => {
  const { seconds, nanos } = value as Timestamp;
  const inRange = seconds >= MIN_TIMESTAMP_SECONDS && seconds <= MAX_TIMESTAMP_SECONDS;
  if (!inRange || nanos < 0 || nanos > 999_999_999) out.add(path, 'is not a valid timestamp');
};

const textRules = stringRules(undefined);

/** A google.protobuf.Value can be written as JSON and is not too deep. */
export const valueRules: Visit = (value, path, out) => visitValue(value as Value, path, 0, out);

/** The same for a google.protobuf.Struct, which protobuf-es keeps as plain JSON in singular fields. */
export const structRules: Visit = (value, path, out) => {
  if (isStruct(value)) visitValue({ kind: { case: 'structValue', value } } as Value, path, 0, out);
  else visitJson(value as JsonObject, path, 0, out);
};

/** The same of JSON that is in no message yet. */
export function violationsOfJson(value: JsonValue, path: string): readonly FieldViolation[] {
  const out = new Violations();
  visitJson(value, path, 0, out);
  return out.list;
}

function isStruct(value: unknown): value is Struct {
  return (value as Partial<Struct>).$typeName === 'google.protobuf.Struct';
}

function visitJson(value: JsonValue, path: Path, depth: number, out: Violations): void {
  if (out.full) return;
  if (depth > MAX_VALUE_DEPTH) out.add(path, TOO_DEEP);
  else if (typeof value === 'number' && !Number.isFinite(value)) out.add(path, 'must be a finite number');
  else if (typeof value === 'string') textRules(value, path, out);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      textRules(key, path, out);
      visitJson(item, path, depth + 1, out);
    }
  }
}

function visitValue({ kind }: Value, path: Path, depth: number, out: Violations): void {
  if (out.full) return;
  if (depth > MAX_VALUE_DEPTH) {
    out.add(path, TOO_DEEP);
    return;
  }
  switch (kind.case) {
    case undefined:
      out.add(path, 'holds a value that is not set');
      return;
    case 'numberValue':
      if (!Number.isFinite(kind.value)) out.add(path, 'must be a finite number');
      return;
    case 'stringValue':
      textRules(kind.value, path, out);
      return;
    case 'listValue':
      for (const item of kind.value.values) visitValue(item, path, depth + 1, out);
      return;
    case 'structValue':
      for (const [key, item] of fieldsOf(kind.value.fields)) {
        textRules(key, path, out);
        visitValue(item, path, depth + 1, out);
      }
      return;
    default:
      return;
  }
}

/**
 * The entries of a Struct. protobuf-es keeps them in a plain object, where an entry called
 * `__proto__` becomes the object's prototype; it is data like any other.
 */
export function fieldsOf(fields: Readonly<Record<string, Value>>): [string, Value][] {
  const entries = Object.entries(fields);
  const prototype: unknown = Object.getPrototypeOf(fields);
  if (prototype !== null && prototype !== Object.prototype) entries.push(['__proto__', prototype as Value]);
  return entries;
}
