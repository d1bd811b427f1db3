import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.js';
import { readExpansion, readTaskData } from '../../../src/domain/workflows/expansion/read-config.js';

const NO_RULES = { combine: [], filter: {}, fieldMappings: {}, conditions: [], validation: [] };
const PLAIN = {
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

describe('an expansion as JSON', () => {
  it('may say all there is to say', () => {
    const config = {
      type: 'custom',
      array_mapping: [
        { name: 'b', path: 'context.bs' },
        { name: 'a', path: 'as' },
      ],
      transform_rules: {
        combine: ['a', 'b'],
        filter: { a: '>3' },
        field_mappings: { x: 'a' },
        conditions: 'item.a > item.b',
        validation: ['true'],
      },
      mapping_rules: { y: 'item.x + 1' },
      output_format: 'single',
      merge_strategy: 'avg',
      reducer: '',
      max_items: 50,
      item_identifier: 'a',
    };
    expect(readExpansion(config)).toEqual({
      ok: true,
      spec: {
        type: 'CUSTOM',
        arrayMapping: [
          { name: 'b', path: 'context.bs' },
          { name: 'a', path: 'as' },
        ],
        transformRules: {
          combine: ['a', 'b'],
          filter: { a: '>3' },
          fieldMappings: { x: 'a' },
          conditions: ['item.a > item.b'],
          validation: ['true'],
        },
        mappingRules: { y: 'item.x + 1' },
        outputFormat: 'SINGLE',
        mergeStrategy: 'AVERAGE',
        reducer: '',
        maxItems: 50,
        itemIdentifier: 'a',
      },
    });
  });

  it.each<[JsonValue, object]>([
    [{ type: 'array' }, PLAIN],
    [
      { type: 'EXPANSION_TYPE_ARRAY', outputFormat: 'OUTPUT_FORMAT_MERGE' },
      { ...PLAIN, outputFormat: 'MERGE' },
    ],
    [{ type: 'Array', mergeStrategy: 'MERGE_STRATEGY_UNSPECIFIED', maxItems: 0, reducer: null }, PLAIN],
    [
      { type: 'array', array_mapping: { x: 'xs' } },
      { ...PLAIN, arrayMapping: [{ name: 'x', path: 'xs' }] },
    ],
    [
      { type: 'matrix', merge_strategy: 'Concat' },
      { ...PLAIN, type: 'MATRIX', mergeStrategy: 'CONCAT' },
    ],
  ])('%j', (config, spec) => {
    expect(readExpansion(config)).toEqual({ ok: true, spec });
  });

  it.each<[JsonValue, string]>([
    [null, ': must be an object, not null'],
    [['array'], ': must be an object, not a list'],
    [{}, '.type: must be one of ARRAY, MATRIX, CUSTOM'],
    [{ type: 'grid' }, '.type: must be one of ARRAY, MATRIX, CUSTOM'],
    [{ type: 'constructor' }, '.type: must be one of ARRAY, MATRIX, CUSTOM'],
    [{ type: 3 }, '.type: must be a text, not a number'],
    [{ type: 'array', output: 'merge' }, ': has the unknown field output'],
    [
      { type: 'array', arraymapping: {} },
      ': has the unknown field arraymapping, did you mean array_mapping?',
    ],
    [{ type: 'array', max_items: 1, maxItems: 2 }, ': has max_items twice'],
    [{ type: 'array', array_mapping: { x: 3 } }, '.array_mapping["x"]: must be a text, not a number'],
    [{ type: 'array', array_mapping: { x: '' } }, '.array_mapping["x"]: is required'],
    [{ type: 'array', array_mapping: 'xs' }, '.array_mapping: must be an object of texts, not a text'],
    [{ type: 'array', array_mapping: [{ name: 'x' }] }, '.array_mapping[0].path: is required'],
    [{ type: 'array', array_mapping: ['x'] }, '.array_mapping[0]: must be an object, not a text'],
    [
      { type: 'custom', transform_rules: { combine: [1] } },
      '.transform_rules.combine[0]: must be a text, not a number',
    ],
    [
      { type: 'custom', transform_rules: { combin: [] } },
      '.transform_rules: has the unknown field combin, did you mean combine?',
    ],
    [
      { type: 'array', merge_strategy: 'best' },
      '.merge_strategy: must be one of DEEP, SHALLOW, CONCAT, SUM, AVERAGE, AVG, REDUCE',
    ],
    [{ type: 'array', max_items: 1.5 }, '.max_items: must be a whole number from 1 to 1000000'],
    [{ type: 'array', max_items: -1 }, '.max_items: must be a whole number from 1 to 1000000'],
  ])('%j is none', (config, problem) => {
    expect(readExpansion(config)).toEqual({ ok: false, problem });
  });
});

describe("a task's own data", () => {
  it('has its expansion as one of two names, and the rest is its input', () => {
    for (const key of ['expansion', 'expansion_config']) {
      expect(readTaskData({ users: [1], [key]: { type: 'array' } })).toEqual({
        ok: true,
        input: { users: [1] },
        expansion: PLAIN,
      });
    }
    expect(readTaskData({ users: [1] })).toEqual({ ok: true, input: { users: [1] }, expansion: null });
  });

  it.each<[JsonValue, string]>([
    [[1], "a task's data must be an object, not a list"],
    [{ expansion: {}, expansion_config: {} }, 'expansion and expansion_config are the same: give one'],
    [{ expansion_config: { type: 'x' } }, 'expansion_config.type: must be one of ARRAY, MATRIX, CUSTOM'],
    [{ expansion: null }, 'expansion: must be an object, not null'],
  ])('%j is none', (data, problem) => {
    expect(readTaskData(data)).toEqual({ ok: false, problem });
  });
});
