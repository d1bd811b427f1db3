import type { JsonObject, JsonValue } from '../../json.js';
import type { Field } from './fields.js';
import { valueIn } from './paths.js';

/** What items are made by, when they are asked for. */
export interface Blueprint {
  /** Arrays that are combined: the last one goes round first. */
  readonly axes: readonly (readonly JsonValue[])[];
  /** Their fields by which templates name elements, and which go into inputs. */
  readonly elements: readonly Field[];
  /** Further fields that templates see. */
  readonly metadata: readonly Field[];
  /** Their combinations, from 0, in order; `null`: all. */
  readonly selected: Uint32Array | null;
  readonly total: number;
}

/** What an item has in a field; `undefined`: it has none. @param place among items, from 0 */
export function fieldAt(blueprint: Blueprint, field: Field, place: number): JsonValue | undefined {
  const { origin, path } = field;
  switch (origin.kind) {
    case 'AXIS':
      return valueIn(elementAt(blueprint, origin.axis, combinationOf(blueprint, place)), path);
    case 'SAME':
      return valueIn(origin.value, path);
    case 'COMPUTED':
      return valueIn(origin.values[place] ?? null, path);
    case 'NUMBER':
      return valueIn(place + 1, path);
    case 'TOTAL':
      return valueIn(blueprint.total, path);
    case 'COMBINATION': {
      const combination = combinationOf(blueprint, place);
      return valueIn(
        blueprint.axes.map((_, axis) => elementAt(blueprint, axis, combination)),
        path,
      );
    }
  }
}

/** Fields of an item as an object, in their order. */
export function objectOf(
  blueprint: Blueprint,
  fields: readonly Field[],
  place: number,
): Record<string, JsonValue> {
  const object: Record<string, JsonValue> = {};
  for (const field of fields) {
    const value = fieldAt(blueprint, field, place);
    if (value !== undefined) object[field.name] = value;
  }
  return object;
}

/** All that templates see of an item. */
export function dataOf(blueprint: Blueprint, place: number): JsonObject {
  const data = objectOf(blueprint, blueprint.elements, place);
  for (const field of blueprint.metadata) {
    const value = fieldAt(blueprint, field, place);
    if (value !== undefined) data[field.name] = value;
  }
  return data;
}

function combinationOf({ selected }: Blueprint, place: number): number {
  return selected ? (selected[place] ?? 0) : place;
}

/** The element of one array in the n-th combination of all, from 0. */
function elementAt({ axes }: Blueprint, axis: number, n: number): JsonValue {
  let rest = n;
  for (let later = axes.length - 1; later > axis; later--)
    rest = Math.floor(rest / (axes[later]?.length ?? 1));
  const elements = axes[axis] ?? [];
  return elements[rest % elements.length] ?? null;
}
