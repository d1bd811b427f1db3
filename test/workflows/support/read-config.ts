import type { JsonObject, JsonValue } from '../../../src/domain/json.js';
import { nearest } from '../../../src/domain/nearest.js';
import { isObject } from '../../../src/domain/policies/answer-fields.js';
import { whatIs } from '../../../src/domain/workflows/expansion/paths.js';
import type {
  ExpansionSpec,
  ExpansionType,
  MergeStrategy,
  OutputFormat,
  TransformRules,
} from '../../../src/domain/workflows/expansion/spec.js';

/** An expansion as it was read, or what is wrong with it. */
export type ReadExpansion =
  | { readonly ok: true; readonly spec: ExpansionSpec }
  | { readonly ok: false; readonly problem: string };

/** A task's document: what it is made from, and how it becomes many. */
export type ReadTaskData =
  | { readonly ok: true; readonly input: JsonObject; readonly expansion: ExpansionSpec | null }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a task's own data in which its expansion lies as `expansion` or `expansion_config`; the rest is the input.
 */
export function readTaskData(data: JsonValue): ReadTaskData {
  if (!isObject(data)) return { ok: false, problem: `a task's data must be an object, not ${whatIs(data)}` };
  const keys = ['expansion', 'expansion_config'].filter((key) => Object.hasOwn(data, key));
  if (keys.length > 1) return { ok: false, problem: 'expansion and expansion_config are the same: give one' };
  const [key] = keys;
  if (key === undefined) return { ok: true, input: data, expansion: null };
  const read = readExpansion(data[key] ?? null);
  if (!read.ok) return { ok: false, problem: `${key}${read.problem}` };
  const input = Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));
  return { ok: true, input, expansion: read.spec };
}

/**
 * Reads an expansion written as JSON: `{type, array_mapping, transform_rules, mapping_rules, output_format,
 * merge_strategy, reducer, max_items, item_identifier}`. Its words may be in lower case, names of fields in camelCase;
 * `array_mapping` is an object of paths by name, or a list of `{name, path}`.
 *
 * @returns a problem begins with the place within it, such as `.array_mapping["user"]: …`, or with `: `
 */
export function readExpansion(config: JsonValue): ReadExpansion {
  try {
    return { ok: true, spec: specOf(config) };
  } catch (error) {
    if (error instanceof Misread) return { ok: false, problem: error.message };
    throw error;
  }
}

class Misread extends Error {}

const FIELDS = [
  'type',
  'array_mapping',
  'transform_rules',
  'mapping_rules',
  'output_format',
  'merge_strategy',
  'reducer',
  'max_items',
  'item_identifier',
];
const RULES = ['combine', 'filter', 'field_mappings', 'conditions', 'validation'];

const TYPES: Readonly<Record<string, ExpansionType>> = { ARRAY: 'ARRAY', MATRIX: 'MATRIX', CUSTOM: 'CUSTOM' };
const FORMATS: Readonly<Record<string, OutputFormat>> = {
  SEPARATE: 'SEPARATE',
  MERGE: 'MERGE',
  SINGLE: 'SINGLE',
};
const STRATEGIES: Readonly<Record<string, MergeStrategy>> = {
  DEEP: 'DEEP',
  SHALLOW: 'SHALLOW',
  CONCAT: 'CONCAT',
  SUM: 'SUM',
  AVERAGE: 'AVERAGE',
  AVG: 'AVERAGE',
  REDUCE: 'REDUCE',
};

function specOf(config: JsonValue): ExpansionSpec {
  const fields = fieldsOf(config, FIELDS, '');
  const type = wordOf(fields.type, TYPES, 'EXPANSION_TYPE_', '.type');
  if (!type) throw new Misread(`.type: must be one of ${Object.keys(TYPES).join(', ')}`);
  return {
    type,
    arrayMapping: mappingOf(fields.array_mapping),
    transformRules: rulesOf(fields.transform_rules),
    mappingRules: textsByName(fields.mapping_rules, '.mapping_rules'),
    outputFormat: wordOf(fields.output_format, FORMATS, 'OUTPUT_FORMAT_', '.output_format') ?? 'SEPARATE',
    mergeStrategy: wordOf(fields.merge_strategy, STRATEGIES, 'MERGE_STRATEGY_', '.merge_strategy'),
    reducer: textOf(fields.reducer, '.reducer'),
    maxItems: countOf(fields.max_items),
    itemIdentifier: textOf(fields.item_identifier, '.item_identifier'),
  };
}

function rulesOf(value: JsonValue | undefined): TransformRules {
  const at = '.transform_rules';
  const rules = value === undefined || value === null ? {} : fieldsOf(value, RULES, at);
  return {
    combine: textsOf(rules.combine, `${at}.combine`),
    filter: textsByName(rules.filter, `${at}.filter`),
    fieldMappings: textsByName(rules.field_mappings, `${at}.field_mappings`),
    conditions: textsOf(rules.conditions, `${at}.conditions`),
    validation: textsOf(rules.validation, `${at}.validation`),
  };
}

function mappingOf(value: JsonValue | undefined): ExpansionSpec['arrayMapping'] {
  const at = '.array_mapping';
  if (!Array.isArray(value)) {
    return Object.entries(textsByName(value, at)).map(([name, path]) => ({ name, path }));
  }
  return value.map((each: JsonValue, index) => {
    const place = `${at}[${index}]`;
    const { name, path } = fieldsOf(each, ['name', 'path'], place);
    return { name: requiredText(name, `${place}.name`), path: requiredText(path, `${place}.path`) };
  });
}

/** Fields by their names in snake_case. */
function fieldsOf(value: JsonValue, known: readonly string[], at: string): JsonObject {
  if (!isObject(value)) throw new Misread(`${at}: must be an object, not ${whatIs(value)}`);
  const fields: Record<string, JsonValue> = {};
  for (const [key, each] of Object.entries(value)) {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (!known.includes(name)) {
      const meant = nearest(key, known);
      throw new Misread(`${at}: has the unknown field ${key}${meant ? `, did you mean ${meant}?` : ''}`);
    }
    if (Object.hasOwn(fields, name)) throw new Misread(`${at}: has ${name} twice`);
    fields[name] = each;
  }
  return fields;
}

/** One of some words, in upper or lower case, with or without the prefix of its enum. */
function wordOf<T>(
  value: JsonValue | undefined,
  words: Readonly<Record<string, T>>,
  prefix: string,
  at: string,
): T | null {
  const text = textOf(value, at).toUpperCase();
  const word = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  if (word === '' || word === 'UNSPECIFIED') return null;
  if (Object.hasOwn(words, word)) return words[word] ?? null;
  throw new Misread(`${at}: must be one of ${Object.keys(words).join(', ')}`);
}

/** Left out and null are empty. */
function textOf(value: JsonValue | undefined, at: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new Misread(`${at}: must be a text, not ${whatIs(value)}`);
}

function requiredText(value: JsonValue | undefined, at: string): string {
  const text = textOf(value, at);
  if (text === '') throw new Misread(`${at}: is required`);
  return text;
}

/** A list of texts; one text is a list of itself. */
function textsOf(value: JsonValue | undefined, at: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw new Misread(`${at}: must be a list of texts, not ${whatIs(value)}`);
  return value.map((each: JsonValue, index) => requiredText(each, `${at}[${index}]`));
}

function textsByName(value: JsonValue | undefined, at: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new Misread(`${at}: must be an object of texts, not ${whatIs(value)}`);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, requiredText(text, `${at}["${name}"]`)]),
  );
}

/** Left out, null and 0: no bound of its own. */
function countOf(value: JsonValue | undefined): number | null {
  if (value === undefined || value === null || value === 0) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 1_000_000) return value;
  throw new Misread('.max_items: must be a whole number from 1 to 1000000');
}
