import type { JsonValue } from '../../src/domain/json.js';
import type {
  ExpansionSpec,
  ExpansionType,
  MergeStrategy,
  OutputFormat,
} from '../../src/domain/workflows/expansion/spec.js';
import type { Chance } from './chance.js';
import { COMBINATIONS, FILTERS, type Told } from './workflow-items.js';

const NO_RULES = { combine: [], filter: {}, fieldMappings: {}, conditions: [], validation: [] };

/** One task for each element, with its result by itself. */
export const EACH: ExpansionSpec = {
  type: 'ARRAY',
  arrayMapping: [],
  transformRules: NO_RULES,
  mappingRules: {},
  outputFormat: 'SEPARATE',
  mergeStrategy: null,
  reducer: '',
  maxItems: null,
  itemIdentifier: '',
};

/** What REDUCE makes of outputs here. */
export const REDUCER = 'results.map(r, r.n)';
const STRATEGIES: readonly MergeStrategy[] = ['DEEP', 'SHALLOW', 'CONCAT', 'SUM', 'AVERAGE', 'REDUCE'];

export interface ChosenExpansion {
  readonly expansion: ExpansionSpec;
  /** Lists that it is made from, by their keys in the context. */
  readonly lists: Readonly<Record<string, JsonValue>>;
}

/** Elements by chance. @param bad whether one is to fail */
export function chooseList(chance: Chance, size: number, bad: () => boolean): Told[] {
  return Array.from({ length: size }, (_, n): Told => ({ n, bad: bad(), yes: chance.happens(0.7) }));
}

/** One that is made from what a task has found, which may be too much. */
export function expansionOf(chance: Chance, address: string): ExpansionSpec {
  const arrayMapping = [{ name: 'one', path: `results.${address}.list` }];
  return { ...EACH, ...outputBy(chance), arrayMapping, maxItems: chance.happens(0.2) ? 2 : null };
}

/** @param key of its lists in the context; @param bad whether an element is one that fails */
export function chooseExpansion(chance: Chance, key: string, bad: () => boolean): ChosenExpansion {
  const told = (size: number) => chooseList(chance, size, bad);
  const type = chance.weighted<ExpansionType>({ ARRAY: 5, MATRIX: 2, CUSTOM: 3 });
  const output = outputBy(chance);
  if (type === 'ARRAY') {
    const size = chance.happens(0.1) ? 0 : chance.between(1, chance.happens(0.1) ? 40 : 6);
    const arrayMapping = [{ name: 'one', path: `context.${key}` }];
    return {
      expansion: { ...EACH, ...output, arrayMapping },
      lists: { [key]: asJson(told(size)) },
    };
  }
  const axes = [
    { name: 'row', path: `context.${key}_rows` },
    { name: 'col', path: `context.${key}_cols` },
  ];
  const lists = {
    [`${key}_rows`]: asJson(told(chance.between(0, 3))),
    [`${key}_cols`]: asJson(told(chance.between(1, 3))),
  };
  if (type === 'MATRIX') return { expansion: { ...EACH, ...output, type, arrayMapping: axes }, lists };
  const filter = chance.pick(Object.keys(FILTERS)) ?? '';
  const conditions = Object.keys(COMBINATIONS).filter(() => chance.happens(0.3));
  return {
    expansion: {
      ...EACH,
      ...output,
      type,
      arrayMapping: [...axes, { name: 'nums', path: `context.${key}_nums` }],
      transformRules: { ...NO_RULES, combine: ['row', 'col'], filter: { nums: filter }, conditions },
    },
    lists: { ...lists, [`${key}_nums`]: [1, 2, 3, 4] },
  };
}

function outputBy(chance: Chance): Pick<ExpansionSpec, 'outputFormat' | 'mergeStrategy' | 'reducer'> {
  const outputFormat = chance.weighted<OutputFormat>({ SEPARATE: 5, MERGE: 3, SINGLE: 2 });
  if (outputFormat === 'SEPARATE') return { outputFormat, mergeStrategy: null, reducer: '' };
  const mergeStrategy = chance.pick(STRATEGIES) ?? 'DEEP';
  return { outputFormat, mergeStrategy, reducer: mergeStrategy === 'REDUCE' ? REDUCER : '' };
}

function asJson(told: readonly Told[]): JsonValue {
  return told.map(({ n, yes, bad }) => ({ n, yes, bad }));
}
