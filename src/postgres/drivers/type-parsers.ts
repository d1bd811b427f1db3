import pg from 'pg';

/**
 * How Postgres's values become ours, for every driver: `bigint` a number, `timestamptz` a
 * number of whole ms since the epoch (±Infinity for ±infinity), `bytea` a Uint8Array, and
 * arrays of these likewise. `jsonb`, `int4`, `float8`, `bool`, `text[]` and the rest are
 * parsed by `pg`'s own parsers; `numeric` stays a string.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : PARSERS.get(oid)) ??
    pg.types.getTypeParser(oid, format ?? 'text')) as typeof pg.types.getTypeParser,
};

/** `2024-11-22 01:13:00.123456+00`, as Postgres writes it under DateStyle ISO. */
const TIMESTAMPTZ =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/** Fractions of a ms are cut off. */
export function parseTimestamptz(text: string): number {
  return parseUtc(text) ?? parseAnyTimestamptz(text);
}

const ZERO = 48;

/** What a session in UTC writes of our days, `2024-11-22 01:13:00.123456+00`: in a fifth of the time. */
function parseUtc(text: string): number | undefined {
  if (text.length < 22 || text[0] === '0' || text[4] !== '-' || !text.endsWith('+00')) return undefined;
  let fraction = 0;
  if (text[19] === '.') {
    for (let at = 20, worth = 100; at < 23; at++, worth /= 10) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      fraction += digit * worth;
    }
  } else if (text.length !== 22) return undefined;
  const two = (at: number) => 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO;
  return Date.UTC(100 * two(0) + two(2), two(5) - 1, two(8), two(11), two(14), two(17), fraction);
}

function parseAnyTimestamptz(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = TIMESTAMPTZ.exec(text);
  if (!match) throw new Error(`not a timestamptz: ${text}`);
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute, zoneSecond] =
    match;
  const time = new Date(0);
  time.setUTCFullYear(match[12] ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  time.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0').slice(0, 3)));
  const zoneSeconds = Number(zoneHour) * 3_600 + Number(zoneMinute ?? 0) * 60 + Number(zoneSecond ?? 0);
  return time.getTime() - (sign === '-' ? -zoneSeconds : zoneSeconds) * 1_000;
}

export function parseBytea(text: string): Uint8Array {
  if (!text.startsWith('\\x')) throw new Error('bytea is not in hex: bytea_output must be hex');
  const bytes = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Arrays of one dimension whose elements hold neither commas nor braces. */
const arrayOf =
  <T>(parse: (text: string) => T) =>
  (text: string): (T | null)[] => {
    if (text === '{}') return [];
    return text
      .slice(1, -1)
      .split(',')
      .map((item) => {
        if (item === 'NULL') return null;
        return parse(item.startsWith('"') ? item.slice(1, -1).replaceAll('\\\\', '\\') : item);
      });
  };

/** By type oid; an array type's oid beside its element's. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [20, Number],
  [1016, arrayOf(Number)],
  [1184, parseTimestamptz],
  [1185, arrayOf(parseTimestamptz)],
  [17, parseBytea],
  [1001, arrayOf(parseBytea)],
]);
