import { parsePath } from '../paths.js';
import { arraysOf } from './arrays.js';
import { parseComparison } from './comparison.js';
import { type Field, ruleOf } from './fields.js';
import { mapped } from './mapping.js';
import { elementsOf, metadataOf, reservedNames } from './metadata.js';
import type { ExpansionSpec } from './spec.js';
import { strategyOf } from './strategy.js';

/** What is wrong with an expansion by itself. */
export interface SpecProblem {
  /** Such as `array_mapping` or `transform_rules.filter["years"]`. */
  readonly field: string;
  readonly description: string;
}

/** CEL of an expansion, with the variables that there are besides those of conditions. */
export interface SpecExpression {
  readonly field: string;
  readonly expression: string;
  readonly variables: readonly string[];
  /** What `item` has there. */
  readonly item: readonly Field[];
}

/** What templates see of each item, with where it comes from; what is computed comes from nowhere. */
export function itemFieldsOf(spec: ExpansionSpec): readonly Field[] {
  return allFieldsOf(mappingsOf(spec));
}

/** What can be told of an expansion before there is data; its expressions aside. */
export function problemsOf(spec: ExpansionSpec): readonly SpecProblem[] {
  return [...ofArrays(spec), ...ofNames(spec), ...ofRules(spec), ...ofOutput(spec)];
}

function ofArrays(spec: ExpansionSpec): readonly SpecProblem[] {
  const { type, arrayMapping, transformRules } = spec;
  const count = arrayMapping.length;
  if (type === 'ARRAY' && count !== 1) {
    return [problem('array_mapping', `ARRAY takes one array, not ${count}; MATRIX takes several`)];
  }
  if (type === 'MATRIX' && count === 0) return [problem('array_mapping', 'MATRIX takes at least one array')];
  if (type === 'CUSTOM' && count + transformRules.combine.length === 0) {
    return [problem('transform_rules.combine', 'CUSTOM takes at least one array to combine')];
  }
  const paths = arraysOf(spec).filter(({ path }) => !parsePath(path));
  return paths.map(({ path }) =>
    problem('array_mapping', `${path} is no path such as users or context.users`),
  );
}

function ofNames(spec: ExpansionSpec): readonly SpecProblem[] {
  const reserved = reservedNames(spec);
  const names = arraysOf(spec).map(({ name }) => name);
  const taken = (field: string, all: readonly string[]) =>
    all
      .filter((name) => reserved.includes(name))
      .map((name) => problem(field, `items have ${name} already; an element needs another name`));
  return [
    ...taken('array_mapping', names),
    ...taken('transform_rules.field_mappings', Object.keys(spec.transformRules.fieldMappings)),
    ...taken('mapping_rules', Object.keys(spec.mappingRules)),
    ...names
      .filter((name, at) => names.indexOf(name) < at)
      .map((name) => problem('array_mapping', `two arrays are called ${name}`)),
  ];
}

function ofRules(spec: ExpansionSpec): readonly SpecProblem[] {
  const { transformRules, type } = spec;
  const { combine, filter, fieldMappings, conditions, validation } = transformRules;
  const any = [combine, Object.keys(filter), Object.keys(fieldMappings), conditions, validation].flat();
  if (type !== 'CUSTOM' && any.length > 0)
    return [problem('transform_rules', `${type} has none; CUSTOM has`)];
  const filters = Object.entries(filter).flatMap(([key, rule]) => {
    const parsed = parseComparison(rule);
    return parsed.kind === 'WRONG' ? [problem(filterField(key), parsed.problem)] : [];
  });
  return [...filters, ...ofFields(spec)];
}

function ofFields(spec: ExpansionSpec): readonly SpecProblem[] {
  const mappings = mappingsOf(spec);
  const { elements, metadata, first, second } = mappings;
  const unknown = (field: string, rule: string, fields: readonly Field[]) => {
    const names = fields.map(({ name }) => name).join(', ');
    return problem(field, `${shortened(rule)} is no field of the item; it has ${names}`);
  };
  const { itemIdentifier } = spec;
  const named = allFieldsOf(mappings);
  const identified = itemIdentifier === '' || ruleOf(itemIdentifier, named).kind !== 'UNKNOWN';
  const expressions = first.computed.map(({ name, expression }) => ({ name, rule: expression }));
  return [
    ...[...first.unknown, ...expressions].map(({ name, rule }) =>
      unknown(`transform_rules.field_mappings["${name}"]`, rule, [...elements, ...metadata]),
    ),
    ...second.unknown.map(({ name, rule }) =>
      unknown(`mapping_rules["${name}"]`, rule, [...first.fields, ...metadata]),
    ),
    ...(identified ? [] : [unknown('item_identifier', itemIdentifier, named)]),
  ];
}

function ofOutput(spec: ExpansionSpec): readonly SpecProblem[] {
  const { outputFormat, mergeStrategy, reducer } = spec;
  const strategy = strategyOf(spec);
  if (outputFormat === 'SEPARATE' && (mergeStrategy || reducer !== '')) {
    return [problem('merge_strategy', 'SEPARATE merges nothing; MERGE and SINGLE do')];
  }
  if (strategy === 'REDUCE' && reducer === '') return [problem('reducer', 'REDUCE needs one')];
  if (strategy !== 'REDUCE' && reducer !== '')
    return [problem('reducer', `${strategy} has none; REDUCE has`)];
  return [];
}

/** All CEL of an expansion. */
export function expressionsOf(spec: ExpansionSpec): readonly SpecExpression[] {
  const { transformRules, itemIdentifier, reducer } = spec;
  const filters = Object.entries(transformRules.filter)
    .filter(([, rule]) => parseComparison(rule).kind === 'NONE')
    .map(([key, expression]) => ({
      field: filterField(key),
      expression,
      variables: ['element'],
      item: [],
    }));
  const mappings = mappingsOf(spec);
  const { metadata, first, second } = mappings;
  const before = [...first.fields, ...metadata];
  const after = allFieldsOf(mappings);
  const over = (item: readonly Field[], field: string, expression: string) => {
    return { field, expression, variables: ['item'], item };
  };
  const identifies = itemIdentifier !== '' && ruleOf(itemIdentifier, after).kind === 'CEL';
  return [
    ...filters,
    ...transformRules.conditions.map((each, at) => over(before, `transform_rules.conditions[${at}]`, each)),
    ...second.computed.map(({ name, expression }) => over(before, `mapping_rules["${name}"]`, expression)),
    ...transformRules.validation.map((each, at) => over(after, `transform_rules.validation[${at}]`, each)),
    ...(identifies ? [over(after, 'item_identifier', itemIdentifier)] : []),
    ...(reducer === '' ? [] : [{ field: 'reducer', expression: reducer, variables: ['results'], item: [] }]),
  ];
}

/** Fields of items before and after each mapping, without what is in them. */
function mappingsOf(spec: ExpansionSpec) {
  const arrays = arraysOf(spec);
  const elements = elementsOf(arrays, []);
  const metadata = metadataOf(spec, arrays, [], { baseTaskId: '', parentContext: {} });
  const first = mapped(elements, metadata, spec.transformRules.fieldMappings);
  const second = mapped(first.fields, metadata, spec.mappingRules);
  return { elements, metadata, first, second };
}

function allFieldsOf({ metadata, second }: ReturnType<typeof mappingsOf>): readonly Field[] {
  return [...second.fields, ...second.computed.map(({ name }) => bare(name)), ...metadata];
}

function bare(name: string): Field {
  return { name, origin: { kind: 'SAME', value: null }, path: [] };
}

function filterField(key: string): string {
  return `transform_rules.filter["${key}"]`;
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function problem(field: string, description: string): SpecProblem {
  return { field, description };
}
