import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.js';
import { expressionsOf, problemsOf } from '../../../src/domain/workflows/expansion/check-spec.js';
import { expansionOf } from '../../workflows/support/expansion-world.js';

const problems = (config: JsonObject) =>
  problemsOf(expansionOf(config)).map(({ field, description }) => `${field}: ${description}`);

const X = { x: 'xs' };

describe('an expansion by itself', () => {
  it.each<[JsonObject]>([
    [{ type: 'array', array_mapping: X }],
    [
      {
        type: 'matrix',
        array_mapping: { row: 'rows' },
        mapping_rules: { all: 'row_values', c: 'combination.0' },
      },
    ],
    [{ type: 'custom', transform_rules: { combine: ['a', 'context.b'], filter: { c: 'element.ok' } } }],
    [{ type: 'array', array_mapping: X, mapping_rules: { y: 'x.name' }, item_identifier: 'y' }],
    [{ type: 'array', array_mapping: X, output_format: 'merge', reducer: 'results[0]' }],
  ])('%j is well', (config) => {
    expect(problems(config)).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ type: 'array' }, 'array_mapping: ARRAY takes one array, not 0; MATRIX takes several'],
    [
      { type: 'array', array_mapping: { x: 'xs', y: 'ys' } },
      'array_mapping: ARRAY takes one array, not 2; MATRIX takes several',
    ],
    [{ type: 'matrix' }, 'array_mapping: MATRIX takes at least one array'],
    [
      { type: 'array', array_mapping: { x: 'a..b' } },
      'array_mapping: a..b is no path such as users or context.users',
    ],
    [
      { type: 'array', array_mapping: { sequence_num: 'xs' } },
      'array_mapping: items have sequence_num already; an element needs another name',
    ],
    [
      { type: 'matrix', array_mapping: { row: 'rows', row_values: 'v' } },
      'array_mapping: items have row_values already; an element needs another name',
    ],
    [
      { type: 'array', array_mapping: X, transform_rules: { conditions: ['true'] } },
      'transform_rules: ARRAY has none; CUSTOM has',
    ],
    [
      { type: 'array', array_mapping: X, mapping_rules: { y: 'z.name' } },
      'mapping_rules["y"]: z.name is no field of the item; it has x, sequence_num, base_task_id, total_count, parent_context',
    ],
    [
      { type: 'array', array_mapping: X, mapping_rules: { y: 'x' }, item_identifier: 'x.id' },
      'item_identifier: x.id is no field of the item; it has y, sequence_num, base_task_id, total_count, parent_context',
    ],
    [
      { type: 'array', array_mapping: X, merge_strategy: 'sum' },
      'merge_strategy: SEPARATE merges nothing; MERGE and SINGLE do',
    ],
    [
      { type: 'array', array_mapping: X, output_format: 'merge', merge_strategy: 'reduce' },
      'reducer: REDUCE needs one',
    ],
    [
      { type: 'array', array_mapping: X, output_format: 'merge', merge_strategy: 'sum', reducer: '1' },
      'reducer: SUM has none; REDUCE has',
    ],
  ])('%j is not', (config, problem) => {
    expect(problems(config)).toEqual([problem]);
  });

  it('has these expressions, with what they see', () => {
    const config = {
      type: 'custom',
      array_mapping: { x: 'xs', n: 'ns' },
      transform_rules: {
        filter: { x: 'element.ok', n: '> 3' },
        conditions: ['item.n > 1'],
        validation: ['item.x != ""'],
      },
      mapping_rules: { name: 'x.name', twice: 'item.n * 2' },
      item_identifier: 'item.name + "!"',
      output_format: 'merge',
      reducer: 'size(results)',
    };
    expect(expressionsOf(expansionOf(config)).map(({ field, variables }) => [field, ...variables])).toEqual([
      ['transform_rules.filter["x"]', 'element'],
      ['transform_rules.conditions[0]', 'item'],
      ['mapping_rules["twice"]', 'item'],
      ['transform_rules.validation[0]', 'item'],
      ['item_identifier', 'item'],
      ['reducer', 'results'],
    ]);
  });
});
