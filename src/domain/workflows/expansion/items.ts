import type { JsonObject, JsonValue } from '../../json.js';
import { shown } from '../../policies/answer-fields.js';
import { storableText } from '../../policies/storable.js';
import { type Blueprint, dataOf, fieldAt, objectOf } from './blueprint.js';
import type { Field } from './fields.js';

/** What one task of an expansion is made from. */
export interface Item {
  /** From 1. */
  readonly item: number;
  /** Its name in results, at most 500 characters; default its number. */
  readonly identifier: string;
  /**
   * What templates and expressions see as `item`: its elements, and `sequence_num`, `base_task_id`, `total_count`,
   * `parent_context`; with MATRIX also `combination`, and `NAME_values` of each array.
   */
  readonly data: JsonObject;
  /** Its elements by name, which go into the task's input. */
  readonly elements: JsonObject;
  /** Keys of the task's own input that arrays came from, which do not go into the input of made tasks. */
  readonly sources: readonly string[];
}

/** What came of an expansion. Items are made when they are asked for. */
export type Expanded =
  | {
      readonly ok: true;
      readonly total: number;
      /** Those with the numbers from + 1 to `to`. */
      items(from: number, to: number): readonly Item[];
      /** Names that several items have: results of these are told apart by their number alone. */
      readonly repeated: RepeatedNames | null;
    }
  /** The reason begins with EXPANSION_FAILED or TOO_MANY_ITEMS. */
  | { readonly ok: false; readonly reason: string };

/** The first two items of one name, and how many names are taken more than once. */
export interface RepeatedNames {
  readonly identifier: string;
  readonly items: readonly [number, number];
  readonly count: number;
}

/** Of which workflow an expansion is, and how large it may be. */
export interface ExpansionLimits {
  /** How many items a task of this organisation may have. */
  readonly maxItems: number;
  readonly workflowId: string;
  readonly workflowName: string;
}

/** By what items are named: a part of each, or names that were computed; `null`: their numbers. */
export type Naming = Field | readonly string[] | null;

/** Items with the numbers from + 1 to `to`, as far as there are such. */
export function itemsOf(
  blueprint: Blueprint,
  naming: Naming,
  sources: readonly string[],
  from: number,
  to: number,
): readonly Item[] {
  const items: Item[] = [];
  for (let place = Math.max(0, from); place < Math.min(to, blueprint.total); place++) {
    items.push({
      item: place + 1,
      identifier: nameOf(blueprint, naming, place),
      data: dataOf(blueprint, place),
      elements: objectOf(blueprint, blueprint.elements, place),
      sources,
    });
  }
  return items;
}

/** Whether items are called the same; `null`: each has a name of its own. */
export function repeatedNames(blueprint: Blueprint, naming: Naming): RepeatedNames | null {
  if (naming === null) return null;
  const first = new Map<string, number>();
  const repeated = new Set<string>();
  let found: Omit<RepeatedNames, 'count'> | null = null;
  for (let place = 0; place < blueprint.total; place++) {
    const identifier = nameOf(blueprint, naming, place);
    const before = first.get(identifier);
    if (before === undefined) {
      first.set(identifier, place + 1);
      continue;
    }
    repeated.add(identifier);
    found ??= { identifier, items: [before, place + 1] };
  }
  return found && { ...found, count: repeated.size };
}

/** In words, for people. */
export function repeatedWords({ identifier, items: [first, second], count }: RepeatedNames): string {
  const names = count === 2 ? 'another name is' : `${count - 1} more names are`;
  const more = count > 1 ? `, and ${names} taken more than once` : '';
  return `items ${first} and ${second} are both called ${shown(identifier)}${more}; in results their sequence_num tells them apart`;
}

function nameOf(blueprint: Blueprint, naming: Naming, place: number): string {
  if (naming === null) return String(place + 1);
  if (isNames(naming)) return naming[place] ?? String(place + 1);
  return identifierOf(fieldAt(blueprint, naming, place)) ?? String(place + 1);
}

function isNames(naming: Field | readonly string[]): naming is readonly string[] {
  return Array.isArray(naming);
}

const MAX_IDENTIFIER = 500;

/** A text, number or boolean as the name of an item; `undefined`: it is none. */
export function identifierOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'object' || value === '') return undefined;
  const text = String(value);
  return storableText(text.length > MAX_IDENTIFIER ? `${text.slice(0, MAX_IDENTIFIER - 1)}…` : text);
}
