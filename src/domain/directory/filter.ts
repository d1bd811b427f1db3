import type { FieldViolation } from '../errors.js';
import type { JsonObject, JsonValue } from '../json.js';
import { nearest } from '../nearest.js';
import { type Condition, type Field, holds, type Scalar } from './condition.js';
import type { Role, Subject } from './directory.js';
import { textProblem } from './plain-json.js';

/** What is looked for. */
export type Sought = 'role' | 'subject';

/** How deep `$and` and `$or` may stand in each other, and attributes in `attributes`. */
export const MAX_FILTER_DEPTH = 8;
/** Values, fields and operators of one filter. */
export const MAX_FILTER_TERMS = 1_000;

const OPERATORS = ['$ne', '$eq', '$in', '$nin', '$exists'] as const;
type Operator = (typeof OPERATORS)[number];
const CONNECTIVES: readonly string[] = ['$and', '$or'];

const FIELDS: Readonly<Record<Sought, Readonly<Record<string, 'TEXT' | 'LIST'>>>> = {
  role: { role_id: 'TEXT', role_type: 'TEXT', job_space_id: 'TEXT', group_ids: 'LIST' },
  subject: { subject_id: 'TEXT', subject_type: 'TEXT', role_ids: 'LIST', group_ids: 'LIST' },
};
const ATTRIBUTES = 'attributes.';

/** What is wrong with a filter in the manner of MongoDB, by the paths of its entries; empty if nothing is. */
export function checkFilter(filter: JsonValue, sought: Sought, field = 'filter'): readonly FieldViolation[] {
  return new FilterReader(sought).read(filter, field).violations;
}

/**
 * What a filter means. Fields of one object must all match, and so must the operators of a field.
 *
 * @throws Error for one that `checkFilter` objects to
 */
export function readFilter(filter: JsonObject, sought: Sought): Condition {
  const { condition, violations } = new FilterReader(sought).read(filter, 'filter');
  const [first] = violations;
  if (first) throw new Error(`${first.field}: ${first.description}`);
  return condition;
}

/** Whether a role matches a filter that was checked. */
export function matchesRole(filter: JsonObject, role: Role): boolean {
  return holds(readFilter(filter, 'role'), role);
}

/** Whether a subject matches a filter that was checked. */
export function matchesSubject(filter: JsonObject, subject: Subject): boolean {
  return holds(readFilter(filter, 'subject'), subject);
}

/** Reads one filter; what cannot be read stands for nothing, and is noted. */
class FilterReader {
  readonly #sought: Sought;
  readonly #violations: FieldViolation[] = [];
  #terms = 0;

  constructor(sought: Sought) {
    this.#sought = sought;
  }

  read(filter: JsonValue, at: string) {
    const condition: Condition = { kind: 'ALL', of: this.#object(filter, at, 1) };
    if (this.#terms > MAX_FILTER_TERMS) {
      const description = `has more than ${MAX_FILTER_TERMS} fields, operators and values`;
      return { condition, violations: [{ field: at, description }] };
    }
    return { condition, violations: this.#violations };
  }

  #object(value: JsonValue, at: string, depth: number): Condition[] {
    if (!isObject(value)) return this.#objectTo(at, 'must be a JSON object');
    return Object.entries(value).flatMap(([key, wanted]) => {
      if (this.#count(1)) return [];
      const place = `${at}.${key}`;
      if (CONNECTIVES.includes(key)) return this.#connective(key, wanted, place, depth);
      const field = this.#field(key, place);
      return field ? this.#wanted(field, wanted, place) : [];
    });
  }

  #connective(key: string, value: JsonValue, at: string, depth: number): Condition[] {
    if (depth >= MAX_FILTER_DEPTH) return this.#objectTo(at, `is deeper than ${MAX_FILTER_DEPTH}`);
    if (!Array.isArray(value) || value.length === 0) {
      return this.#objectTo(at, 'must be a list of at least one JSON object');
    }
    const of: Condition[] = [];
    for (const [i, one] of value.entries()) {
      if (this.#count(1)) return [];
      of.push({ kind: 'ALL', of: this.#object(one, `${at}[${i}]`, depth + 1) });
    }
    return [{ kind: key === '$and' ? 'ALL' : 'ANY', of }];
  }

  #field(key: string, at: string): Field | null {
    const fields = FIELDS[this.#sought];
    const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (kind) return { kind, name: key };
    if (key.startsWith('$')) {
      this.#objectTo(at, `is no operator here${this.#meant(key, [...CONNECTIVES, ...OPERATORS])}`);
      return null;
    }
    const path = key.startsWith(ATTRIBUTES) ? key.slice(ATTRIBUTES.length).split('.') : [];
    if (path.length === 0) {
      const names = [...Object.keys(fields), `${ATTRIBUTES}NAME`];
      this.#objectTo(at, `is no field of a ${this.#sought}${this.#meant(key, names)}`);
      return null;
    }
    if (path.length > MAX_FILTER_DEPTH || path.includes('')) {
      this.#objectTo(
        at,
        `must name 1 to ${MAX_FILTER_DEPTH} attributes inside of each other, a dot between them`,
      );
      return null;
    }
    const problem = textProblem(key);
    if (problem) {
      this.#objectTo(at, problem);
      return null;
    }
    return { kind: 'ATTRIBUTE', path };
  }

  #wanted(field: Field, wanted: JsonValue, at: string): Condition[] {
    if (!isObject(wanted)) return this.#in(field, [wanted], at);
    const operators = Object.entries(wanted);
    if (operators.length === 0) return this.#objectTo(at, `needs an operator: ${OPERATORS.join(', ')}`);
    return operators.flatMap(([operator, operand]) => {
      if (this.#count(1)) return [];
      const place = `${at}.${operator}`;
      if (!isOperator(operator)) {
        return this.#objectTo(place, `is no operator${this.#meant(operator, OPERATORS)}`);
      }
      return this.#operator(field, operator, operand, place);
    });
  }

  #operator(field: Field, operator: Operator, operand: JsonValue, at: string): Condition[] {
    switch (operator) {
      case '$eq':
        return this.#in(field, [operand], at);
      case '$ne':
        return this.#in(field, [operand], at).map(not);
      case '$in':
      case '$nin': {
        if (!Array.isArray(operand)) return this.#objectTo(at, 'must be a list of values');
        const conditions = this.#in(field, operand, at);
        return operator === '$in' ? conditions : conditions.map(not);
      }
      case '$exists': {
        if (typeof operand !== 'boolean') return this.#objectTo(at, 'must be true or false');
        const exists: Condition = { kind: 'EXISTS', field };
        return [operand ? exists : not(exists)];
      }
    }
  }

  #in(field: Field, values: readonly JsonValue[], at: string): Condition[] {
    const read: Scalar[] = [];
    for (const [i, value] of values.entries()) {
      if (this.#count(1)) return [];
      const place = values.length === 1 ? at : `${at}[${i}]`;
      const problem = problemOf(field, value);
      if (problem) this.#objectTo(place, problem);
      else read.push(value as Scalar);
    }
    return [{ kind: 'IN', field, values: read }];
  }

  /** @returns whether there are too many already */
  #count(terms: number): boolean {
    this.#terms += terms;
    return this.#terms > MAX_FILTER_TERMS;
  }

  #meant(given: string, names: readonly string[]): string {
    const near = nearest(given, names);
    return near ? `; did you mean ${near}?` : `; there are ${names.join(', ')}`;
  }

  #objectTo(field: string, description: string): [] {
    // One bad entry is told as well by a few as by a thousand.
    if (this.#violations.length < 20) this.#violations.push({ field, description });
    return [];
  }
}

function problemOf(field: Field, value: JsonValue): string | null {
  if (typeof value === 'string') return textProblem(value);
  if (field.kind !== 'ATTRIBUTE') return 'must be a text';
  if (typeof value === 'object' && value !== null) return 'must be a text, a number, true, false or null';
  return null;
}

const not = (of: Condition): Condition => ({ kind: 'NOT', of });

function isOperator(name: string): name is Operator {
  return (OPERATORS as readonly string[]).includes(name);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
