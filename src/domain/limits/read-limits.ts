import { formatDuration, parseDuration } from '../duration.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { KeyLimit, KeyLimits, Rate } from './org-limits.js';

/** Keys that may have limits of their own. */
export const MAX_KEY_LIMITS = 200;
export const MAX_CONCURRENT = 1_000_000;
/** Each start is remembered for the period. */
const MAX_RATE_COUNT = 10_000;
const RATE_PERIOD_MS = { min: 100, max: 3_600_000 } as const;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._\-/:@+]*\*?$|^\*$/;
const MAX_KEY = 200;

/** In words, what is taken. */
export const KEY_LIMITS_ACCEPTED =
  `an object with at most ${MAX_KEY_LIMITS} limits by key, each {"max_concurrent": n, ` +
  `"rate": {"count": 1 to ${MAX_RATE_COUNT}, "period": "100ms" to "1h"}} with one of the two or both; a key that ends with * stands for each that begins so`;

/** `undefined` if it is not taken. */
export function readKeyLimits(value: JsonValue): KeyLimits | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MAX_KEY_LIMITS) return undefined;
  const limits: [string, KeyLimit][] = [];
  for (const [key, given] of entries) {
    const limit = key.length <= MAX_KEY && KEY.test(key) ? readLimit(given) : undefined;
    if (!limit) return undefined;
    limits.push([key, limit]);
  }
  return Object.fromEntries(limits);
}

/** As it is stored and shown. */
export function writeKeyLimits(limits: KeyLimits): JsonObject {
  return Object.fromEntries(
    Object.entries(limits).map(([key, { maxConcurrent, rate }]) => [
      key,
      {
        ...(maxConcurrent !== null && { max_concurrent: maxConcurrent }),
        ...(rate && { rate: { count: rate.count, period: formatDuration(rate.periodMs) } }),
      },
    ]),
  );
}

function readLimit(value: JsonValue | undefined): KeyLimit | undefined {
  if (!isObject(value) || !hasOnly(value, ['max_concurrent', 'rate'])) return undefined;
  const { max_concurrent: most, rate: given } = value;
  if (most !== undefined && !isCount(most, MAX_CONCURRENT)) return undefined;
  const rate = given === undefined ? null : readRate(given);
  if (rate === undefined || (rate === null && most === undefined)) return undefined;
  return { maxConcurrent: most ?? null, rate };
}

function readRate(value: JsonValue): Rate | undefined {
  if (!isObject(value) || !hasOnly(value, ['count', 'period'])) return undefined;
  const { count, period } = value;
  const periodMs = typeof period === 'string' ? parseDuration(period) : undefined;
  if (!isCount(count, MAX_RATE_COUNT) || periodMs === undefined) return undefined;
  if (periodMs < RATE_PERIOD_MS.min || periodMs > RATE_PERIOD_MS.max) return undefined;
  return { count, periodMs };
}

function isCount(value: JsonValue | undefined, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;
}

function hasOnly(value: JsonObject, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name));
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
