import { type DescEnum, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { type Duration, durationFromMs } from '@bufbuild/protobuf/wkt';
import type { DocumentPath } from './document-error.js';
import { nearestName } from './nearest-name.js';
import { isPlainObject, type Reading, spoken } from './reading.js';

/** Deeper ones no coordinator takes; an object that holds itself has no end. */
const MAX_DEPTH = 64;

/** A value as JSON has it, without what is `undefined`. */
export function readJson(
  value: unknown,
  at: DocumentPath,
  reading: Reading,
  depth = 0,
): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : reading.wrong(at, `must be a finite number, not ${value}`);
  }
  // What holds itself twice has more ends than there is time for.
  if (reading.isFull) return undefined;
  if (depth === MAX_DEPTH) return reading.wrong(at, `nests deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    return value.map((item, i) => readJson(item ?? null, [...at, i], reading, depth + 1) ?? null);
  }
  if (isPlainObject(value)) return readObject(value, at, reading, depth);
  return reading.wrong(at, `must be what JSON has, not ${spoken(value)}`);
}

export function readObject(
  value: unknown,
  at: DocumentPath,
  reading: Reading,
  depth = 0,
): JsonObject | undefined {
  if (!isPlainObject(value)) return reading.wrong(at, `must be an object, not ${spoken(value)}`);
  const items: [string, JsonValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    const json = item === undefined ? undefined : readJson(item, [...at, key], reading, depth + 1);
    if (json !== undefined) items.push([key, json]);
  }
  return Object.fromEntries(items);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `1.5m`, `1h30m`. */
export function readDuration(value: unknown, at: DocumentPath, reading: Reading): Duration | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!/^(\d{1,12}(\.\d{1,9})?(ms|s|m|h|d))+$/.test(text)) {
    return reading.wrong(at, `must be a time such as 500ms, 30s, 5m or 1h, not ${spoken(value)}`);
  }
  const parts = text.matchAll(/([\d.]+)(ms|s|m|h|d)/g);
  const ms = [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  return durationFromMs(Math.round(ms));
}

/** Other names of enum values, by the enum. */
const SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'reeve.v1.MergeStrategy': { avg: 'average', mean: 'average' },
};

/** `array`, `ARRAY` and `EXPANSION_TYPE_ARRAY` are the same. */
export function readEnum(
  desc: DescEnum,
  value: unknown,
  at: DocumentPath,
  reading: Reading,
): number | undefined {
  const names = desc.values.filter(({ number }) => number !== 0).map((v) => v.localName.toLowerCase());
  if (typeof value === 'string') {
    const given = value.toLowerCase().replaceAll('-', '_');
    const word = SYNONYMS[desc.typeName]?.[given] ?? given;
    const found = desc.values.find(
      (v) => v.localName.toLowerCase() === word || v.name.toLowerCase() === word,
    );
    if (found) return found.number;
    const meant = nearestName(word, names);
    if (meant) return reading.wrong(at, `must be one of ${names.join(', ')}; did you mean ${meant}?`);
  }
  return reading.wrong(at, `must be one of ${names.join(', ')}, not ${spoken(value)}`);
}

export function readScalar(
  type: ScalarType,
  value: unknown,
  at: DocumentPath,
  reading: Reading,
): string | number | boolean | undefined {
  if (type === ScalarType.STRING) {
    if (typeof value === 'string') return value;
    const quotes = typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : '';
    return reading.wrong(at, `must be text, not ${spoken(value)}${quotes}`);
  }
  if (type === ScalarType.BOOL) {
    return typeof value === 'boolean'
      ? value
      : reading.wrong(at, `must be true or false, not ${spoken(value)}`);
  }
  const whole = type !== ScalarType.DOUBLE && type !== ScalarType.FLOAT;
  const wanted = whole ? 'a whole number from 0' : 'a number';
  const fits = whole
    ? Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32
    : Number.isFinite(value);
  return fits ? Number(value) : reading.wrong(at, `must be ${wanted}, not ${spoken(value)}`);
}
