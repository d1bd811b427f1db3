import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { expanding, numbersTo } from './support/expanding.js';
import { scopeWith } from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());
const { expand, itemsOf, elementsOf, reasonOf } = expanding(engine);

describe('transform rules', () => {
  const input = { regions: ['US', 'EU', 'AP'], years: [2020, 2021, 2022], metrics: ['sales'] };
  const custom = (transform_rules: JsonObject, rest: JsonObject = {}) => ({
    type: 'custom',
    transform_rules,
    ...rest,
  });

  it('filter what is combined, by comparison or CEL', async () => {
    const rules = {
      combine: ['regions', 'years'],
      filter: { regions: 'element.startsWith("E") || element == params.home', years: 'between 2021..2022' },
    };
    expect(await elementsOf(custom(rules), input, scopeWith({}, { params: { home: 'US' } }))).toEqual([
      { regions: 'US', years: 2021 },
      { regions: 'US', years: 2022 },
      { regions: 'EU', years: 2021 },
      { regions: 'EU', years: 2022 },
    ]);
  });

  it('take arrays by their names or by their paths', async () => {
    const rules = { combine: ['context.sites', 'year'], filter: { sites: '!= b', metrics: '= sales' } };
    const scope = scopeWith({ sites: ['a', 'b'] });
    expect(
      await elementsOf(custom(rules, { array_mapping: { year: 'years', place: 'regions' } }), input, scope),
    ).toEqual(
      [2020, 2021, 2022].map((year) => ({ sites: 'a', year, metrics: ['sales'], place: ['US', 'EU', 'AP'] })),
    );
  });

  it('combine what is mapped where nothing else is named', async () => {
    const rules = { filter: { year: '> 2021' } };
    expect(
      await elementsOf(custom(rules, { array_mapping: { year: 'years', metric: 'metrics' } }), input),
    ).toEqual([{ year: 2022, metric: 'sales' }]);
  });

  it('give fields other names', async () => {
    const users = [{ name: 'Ann', age: 30 }];
    const rules = { combine: ['users', 'metrics'], field_mappings: { metric: 'metrics', who: 'users.name' } };
    expect(await elementsOf(custom(rules), { ...input, users })).toEqual([
      { users: { name: 'Ann', age: 30 }, metric: 'sales', who: 'Ann' },
    ]);
  });

  it('leave out what a condition is false of, and number what is left', async () => {
    const rules = {
      combine: ['regions', 'years'],
      conditions: ['item.region != "EU"', 'item.years % 2 == 0', 'item.sequence_num < 8'],
      field_mappings: { region: 'regions' },
    };
    const items = await itemsOf(custom(rules, { item_identifier: 'region' }), input);
    expect(
      items.map(({ item, identifier, data }) => [
        item,
        identifier,
        data.years,
        data.sequence_num,
        data.total_count,
      ]),
    ).toEqual([
      [1, 'US', 2020, 1, 3],
      [2, 'US', 2022, 2, 3],
      [3, 'AP', 2020, 3, 3],
    ]);
  });

  it('leave nothing, which is a success', async () => {
    expect(await expand(custom({ combine: ['regions'], conditions: ['false'] }), input)).toMatchObject({
      ok: true,
      total: 0,
    });
  });

  it('leave no more than there may be', async () => {
    const many = { regions: numbersTo(100), years: numbersTo(60) };
    const rules = (condition: string) => custom({ combine: ['regions', 'years'], conditions: [condition] });
    expect(await reasonOf(rules('item.regions != 100'), many, scopeWith(), 5_000)).toBe(
      'TOO_MANY_ITEMS: more than 5,000 items are left after conditions',
    );
    expect(await reasonOf(rules('item.years > 10'), many, scopeWith(), 5_000)).toBe('5000 items');
    const bomb = { regions: numbersTo(1001), years: numbersTo(1000) };
    expect(await reasonOf(rules('item.years > 10'), bomb)).toBe(
      'TOO_MANY_ITEMS: 1001 × 1000 = 1,001,000 combinations before conditions, at most 1,000,000',
    );
  });

  it('are not asked further once there are too many items', async () => {
    let asked = 0;
    const counting: ExpressionEngine = {
      check: async () => [],
      evaluate: async (_, evaluations) =>
        evaluations.map(({ own }) => {
          asked += own.length;
          return own.map(() => ({ ok: true, value: true }));
        }),
    };
    const rules = custom({ combine: ['regions', 'years'], conditions: ['true'] });
    const many = { regions: numbersTo(1000), years: numbersTo(1000) };
    expect(await expanding(counting).reasonOf(rules, many, scopeWith(), 10)).toMatch(
      /^TOO_MANY_ITEMS: more than 10 /,
    );
    expect(asked).toBeLessThanOrEqual(2_000);
  });

  it('check every item', async () => {
    const rules = (...validation: string[]) => custom({ combine: ['years'], validation });
    expect(await reasonOf(rules('item.years > 2000', '""'), input)).toBe('3 items');
    expect(await reasonOf(rules('item.years > 2000', 'item.years < 2022'), input)).toBe(
      'EXPANSION_FAILED: transform_rules.validation[1], of item 3 {"years":2022}: "item.years < 2022" is false',
    );
    expect(await reasonOf(rules('item.years < 2021 ? "" : "too late"'), input)).toBe(
      'EXPANSION_FAILED: transform_rules.validation[0], of item 2 {"years":2021}: too late',
    );
    expect(await reasonOf(rules('item.years'), input)).toBe(
      'EXPANSION_FAILED: transform_rules.validation[0], of item 1 {"years":2020}: must be a bool or a text, not an int',
    );
  });

  it.each<[string, JsonObject, string]>([
    [
      'a filter that compares objects',
      { combine: ['objects'], filter: { objects: '> 3' } },
      'transform_rules.filter["objects"]: objects[1] is an object with age, and a comparison takes numbers and texts; write CEL over `element`',
    ],
    [
      'a filter that cannot be read',
      { combine: ['years'], filter: { years: '>' } },
      'transform_rules.filter["years"]: `>` lacks what to compare with',
    ],
    [
      'a filter that says neither yes nor no',
      { combine: ['years'], filter: { years: 'element + 1' } },
      'transform_rules.filter["years"], of element 1: must be a bool, not an int',
    ],
    [
      'a filter of nothing that is there',
      { combine: ['years'], filter: { yeers: '>1' } },
      "array yeers: there is no yeers in the task's input, and none in the context",
    ],
    [
      'a condition that says neither',
      { combine: ['years'], conditions: ['item.years > 2020 ? "a" : "b"'] },
      'transform_rules.conditions[0], of item 1 {"years":2020}: must be a bool, not a string',
    ],
    [
      'nothing to combine',
      { filter: { years: '>1' } },
      'transform_rules.combine: CUSTOM takes at least one array to combine',
    ],
    [
      'two arrays of one name',
      { combine: ['context.years', 'years'] },
      'array_mapping: two arrays are called years',
    ],
    [
      'a name that items have',
      { combine: ['years'], field_mappings: { total_count: 'years' } },
      'transform_rules.field_mappings: items have total_count already; an element needs another name',
    ],
    [
      'CEL as the name of a field',
      { combine: ['years'], field_mappings: { y: 'item.years + 1' } },
      'transform_rules.field_mappings["y"]: item.years + 1 is no field of the item; it has years, sequence_num, base_task_id, total_count, parent_context',
    ],
  ])('cannot have %s', async (_, rules, words) => {
    expect(await reasonOf(custom(rules), { ...input, objects: [4, { age: 3 }] })).toBe(
      `EXPANSION_FAILED: ${words}`,
    );
  });
});
