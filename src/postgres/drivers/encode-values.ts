/**
 * Turns arrays of numbers, of booleans and of plain strings among a statement's values into
 * array literals; all else is left to `pg`. It does these too, but element by element:
 * measured on 500 elements, 3 times slower for strings, 6 times for numbers.
 *
 * A JavaScript array is a Postgres array, also inside of an array: a JSON array for a `jsonb`
 * must come as text.
 */
export function encodeValues(values: readonly unknown[]): unknown[] {
  return values.map((value) => (Array.isArray(value) ? (arrayLiteral(value) ?? value) : value));
}

const NEEDS_ESCAPE = /["\\]/;

function arrayLiteral(items: readonly unknown[]): string | undefined {
  if (items.length === 0) return '{}';
  if (items.every((item) => typeof item === 'number' || typeof item === 'boolean'))
    return `{${items.join(',')}}`;
  if (!items.every((item) => typeof item === 'string') || NEEDS_ESCAPE.test(items.join(''))) return undefined;
  return `{"${items.join('","')}"}`;
}
