import type { JsonObject, JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import { OutputFailed } from './output-failed.js';

/** Numbers at one place of outputs, and of the fields there. */
interface Place {
  sum: number;
  count: number;
  fields: Map<string, Place> | null;
}

/** Adds numbers of many outputs, also within objects, each in its place. Lists and texts do not count. */
export class NumberTree {
  readonly #root: Place = { sum: 0, count: 0, fields: null };
  readonly #maxFields: number;
  #places = 0;

  /** @param maxFields further ones are left out, and it is said by `isFull` */
  constructor(maxFields: number) {
    this.#maxFields = maxFields;
  }

  add(output: JsonValue): void {
    this.#addAt(this.#root, output);
  }

  get isFull(): boolean {
    return this.#places > this.#maxFields;
  }

  /**
   * Outputs with the sums or averages of their numbers in place of these; null where there is none.
   *
   * @throws {OutputFailed} where some have a number and others an object, and where a sum is too large
   */
  combined(of: 'SUM' | 'AVERAGE'): JsonValue {
    return combinedAt(this.#root, of, '') ?? null;
  }

  /** By the path of each number, dotted, `value` for outputs that are numbers: `{sum, average, count}`. */
  metrics(): JsonObject {
    const found: [string, JsonObject][] = [];
    collect(this.#root, '', found);
    return Object.fromEntries(found);
  }

  #addAt(place: Place, value: JsonValue): void {
    if (typeof value === 'number') {
      place.sum += value;
      place.count++;
    } else if (isObject(value)) {
      for (const [key, each] of Object.entries(value)) {
        if (typeof each !== 'number' && !isObject(each)) continue;
        const inner = place.fields?.get(key) ?? this.#newPlace(place, key);
        if (inner) this.#addAt(inner, each);
      }
    }
  }

  #newPlace(within: Place, key: string): Place | null {
    this.#places++;
    if (this.isFull) return null;
    const place: Place = { sum: 0, count: 0, fields: null };
    within.fields ??= new Map();
    within.fields.set(key, place);
    return place;
  }
}

function combinedAt(place: Place, of: 'SUM' | 'AVERAGE', path: string): JsonValue | undefined {
  const fields: [string, JsonValue][] = [];
  for (const [key, inner] of place.fields ?? []) {
    const value = combinedAt(inner, of, path === '' ? key : `${path}.${key}`);
    if (value !== undefined) fields.push([key, value]);
  }
  if (place.count === 0) return fields.length > 0 ? Object.fromEntries(fields) : undefined;
  const where = path === '' ? '' : ` at ${path}`;
  if (fields.length > 0) throw new OutputFailed(`some outputs have a number${where}, others an object`);
  const value = of === 'SUM' ? place.sum : place.sum / place.count;
  if (!Number.isFinite(value)) throw new OutputFailed(`the sum${where} is too large`);
  return value;
}

function collect(place: Place, path: string, found: [string, JsonObject][]): void {
  const { sum, count } = place;
  if (count > 0 && Number.isFinite(sum)) {
    found.push([path === '' ? 'value' : path, { sum, average: sum / count, count }]);
  }
  for (const [key, inner] of place.fields ?? []) collect(inner, path === '' ? key : `${path}.${key}`, found);
}
