import type { JsonValue } from '../../json.js';
import type { ValuePath } from '../paths.js';
import { pathOfRule } from './paths.js';

/** What a field of items is taken from. */
export type Origin =
  /** The element of an array that is combined. */
  | { readonly kind: 'AXIS'; readonly axis: number }
  /** The same in all items. */
  | { readonly kind: 'SAME'; readonly value: JsonValue }
  /** Of each item, in their order. */
  | { readonly kind: 'COMPUTED'; readonly values: readonly JsonValue[] }
  | { readonly kind: 'NUMBER' }
  | { readonly kind: 'TOTAL' }
  | { readonly kind: 'COMBINATION' };

/** A field of items by its name. */
export interface Field {
  readonly name: string;
  readonly origin: Origin;
  /** Within what it is taken from; left out of an item where nothing is there. */
  readonly path: ValuePath;
}

/** How a field is made, or an item named. */
export type Rule =
  | { readonly kind: 'FIELD'; readonly field: Field; readonly path: ValuePath }
  | { readonly kind: 'CEL' }
  | { readonly kind: 'UNKNOWN'; readonly head: string };

const WORDS_OF_CEL = ['item', 'context', 'results', 'params', 'now', 'true', 'false', 'null'];

/** A rule over `item`: a field of it or a path from one, with or without `item.` before; else CEL. */
export function ruleOf(text: string, fields: readonly Field[]): Rule {
  const whole = fields.find(({ name }) => name === text);
  if (whole) return { kind: 'FIELD', field: whole, path: [] };
  const rule = pathOfRule(text);
  if (!rule) return { kind: 'CEL' };
  const [first = '', ...path] = rule;
  const head = String(first);
  const field = fields.find(({ name }) => name === head);
  if (field) return { kind: 'FIELD', field, path };
  return WORDS_OF_CEL.includes(head) ? { kind: 'CEL' } : { kind: 'UNKNOWN', head };
}
