import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type { Scope } from '../../src/domain/workflows/scope.js';
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
import { expandNode } from '../../src/usecases/workflows/expand.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { expansionOf, LIMITS, scopeWith, taskNode } from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

async function expand(config: JsonObject, input: JsonValue, scope: Scope = scopeWith(), maxItems = 100_000) {
  const node = taskNode({ input, expansion: expansionOf(config) });
  return expandNode(engine, 'acme', node, scope, { ...LIMITS, maxItems });
}

/** All items. */
async function itemsOf(...args: Parameters<typeof expand>) {
  const expanded = await expand(...args);
  if (!expanded.ok) throw new Error(expanded.reason);
  return expanded.items(0, expanded.total);
}

async function elementsOf(...args: Parameters<typeof expand>) {
  return (await itemsOf(...args)).map(({ elements }) => elements);
}

async function reasonOf(...args: Parameters<typeof expand>): Promise<string> {
  const expanded = await expand(...args);
  return expanded.ok ? `${expanded.total} items` : expanded.reason;
}

const overUsers = { type: 'array', array_mapping: { user: 'users' } };
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe('the arrays of an expansion', () => {
  const context = { users: ['of the context'], deep: { list: [{ rows: [1, 2] }] } };

  it.each<[string, string, JsonValue, JsonObject[], string[]]>([
    [
      'its own input before its data',
      'users',
      { users: ['own'], data: { users: ['data'] } },
      [{ x: 'own' }],
      ['users'],
    ],
    ['its data before the context', 'users', { data: { users: ['data'] } }, [{ x: 'data' }], ['data']],
    ['the context', 'users', { other: 1 }, [{ x: 'of the context' }], []],
    [
      'the context by its name, though the input has such',
      'context.users',
      { context: { users: ['no'] } },
      [{ x: 'of the context' }],
      [],
    ],
    ['a path in the input', 'list.rows', { list: { rows: [7] } }, [{ x: 7 }], ['list']],
    ['an element of a list', 'deep.list.0.rows', null, [{ x: 1 }, { x: 2 }], []],
    ['a path with brackets', 'deep.list[0]["rows"]', null, [{ x: 1 }, { x: 2 }], []],
    ['the context, though its data is a text', 'users', { data: 'no' }, [{ x: 'of the context' }], []],
    ['results', 'results.load.rows', {}, [{ x: 'r' }], []],
    ['params', 'params.rows', {}, [{ x: 'p' }], []],
    ['a key with a dot', 'a.b', { 'a.b': [3] }, [{ x: 3 }], ['a.b']],
  ])('come from %s', async (_, path, input, elements, sources) => {
    const scope = scopeWith(context, { results: { load: { rows: ['r'] } }, params: { rows: ['p'] } });
    const items = await itemsOf({ type: 'array', array_mapping: { x: path } }, input, scope);
    expect(items.map((item) => item.elements)).toEqual(elements);
    expect(items[0]?.sources).toEqual(sources);
  });

  it.each<[string, string, JsonValue, string]>([
    [
      'nowhere',
      'users',
      {},
      "EXPANSION_FAILED: array x: there is no users in the task's input, and none in the context",
    ],
    [
      'not where it is said to be',
      'context.users',
      {},
      'EXPANSION_FAILED: array x: there is no context.users',
    ],
    [
      'not within what is there',
      'list.rows',
      { list: {} },
      'EXPANSION_FAILED: array x: there is no list.rows',
    ],
    [
      'an object',
      'users',
      { users: { ann: 1 } },
      'EXPANSION_FAILED: array x: users is an object with ann, not a list',
    ],
    [
      'a text',
      'users',
      { data: { users: 'ann' } },
      'EXPANSION_FAILED: array x: data.users is a text, not a list',
    ],
    ['null', 'users', { users: null }, 'EXPANSION_FAILED: array x: users is null, not a list'],
    ['a number in the context', 'n', {}, 'EXPANSION_FAILED: array x: context.n is a number, not a list'],
    [
      'inherited by every object',
      'constructor.name',
      {},
      "EXPANSION_FAILED: array x: there is no constructor.name in the task's input, and none in the context",
    ],
  ])('are an error where they are %s', async (_, path, input, reason) => {
    expect(await reasonOf({ type: 'array', array_mapping: { x: path } }, input, scopeWith({ n: 3 }))).toBe(
      reason,
    );
  });
});

describe('an array in the input that is a template', () => {
  const context = { team: { people: [{ name: 'Ann' }, { name: 'Bob' }] } };

  it.each<[string, JsonValue, JsonValue[]]>([
    ['users', { users: '{{ context.team.people }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
    ['users', { users: ['{{ context.team.people[1].name }}', 'Cem'] }, ['Bob', 'Cem']],
    ['people', { data: '{{ context.team }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
    [
      'users',
      { data: { users: '{{ context.team.people.map(p, p.name) }}', by: '{{ item.x }}' } },
      ['Ann', 'Bob'],
    ],
    ['users.people', { users: '{{ context.team }}', by: '{{ item.x }}' }, [{ name: 'Ann' }, { name: 'Bob' }]],
  ])('is rendered first: %s in %j', async (path, input, values) => {
    const elements = await elementsOf(
      { type: 'array', array_mapping: { x: path } },
      input,
      scopeWith(context),
    );
    expect(elements).toEqual(values.map((x) => ({ x })));
  });

  it('is rendered once: what comes of it is no template', async () => {
    const text = '{{ params.secret }}';
    const config = { type: 'array', array_mapping: { x: 'users' } };
    const scope = scopeWith({ list: [text] }, { params: { secret: 'no' } });
    expect(await elementsOf(config, { users: '{{ context.list }}' }, scope)).toEqual([{ x: text }]);
    expect(await elementsOf({ type: 'array', array_mapping: { x: 'list' } }, {}, scope)).toEqual([
      { x: text },
    ]);
  });

  it('is an error where it cannot be rendered, or is no list then', async () => {
    const config = { type: 'array', array_mapping: { x: 'users' } };
    expect(await reasonOf(config, { users: '{{ context.gone }}' })).toMatch(
      /^EXPANSION_FAILED: input\.users: .*No such key: gone/,
    );
    expect(await reasonOf(config, { users: '{{ context.team }}' }, scopeWith(context))).toBe(
      'EXPANSION_FAILED: array x: users is an object with people, not a list',
    );
  });
});

describe('items', () => {
  it('are none of no elements, which is a success', async () => {
    expect(await expand(overUsers, { users: [] })).toMatchObject({ ok: true, total: 0 });
    const matrix = { type: 'matrix', array_mapping: { a: 'a', b: 'b' }, mapping_rules: { c: 'a.name' } };
    expect(await expand(matrix, { a: [1, 2], b: [] })).toMatchObject({ ok: true, total: 0 });
  });

  it('are counted before one is made', async () => {
    const matrix = { type: 'matrix', array_mapping: { a: 'a', b: 'b' } };
    const input = { a: numbers(1000), b: numbers(1000) };
    expect(await reasonOf(matrix, input)).toBe(
      'TOO_MANY_ITEMS: 1000 × 1000 = 1,000,000 items, at most 100,000',
    );
    expect(await reasonOf({ ...overUsers, max_items: 2 }, { users: [1, 2, 3] })).toBe(
      'TOO_MANY_ITEMS: 3 items, at most 2',
    );
    expect(await reasonOf({ ...overUsers, max_items: 5 }, { users: [1, 2, 3] }, scopeWith(), 2)).toBe(
      'TOO_MANY_ITEMS: 3 items, at most 2',
    );
  });

  it('are made when they are asked for, some at a time', async () => {
    const expanded = await expand(
      { type: 'matrix', array_mapping: { a: 'a', b: 'b' } },
      {
        a: numbers(250),
        b: numbers(400),
      },
    );
    if (!expanded.ok) throw new Error(expanded.reason);
    expect(expanded.total).toBe(100_000);
    expect(expanded.items(99_998, 200_000).map(({ item, elements }) => [item, elements])).toEqual([
      [99_999, { a: 250, b: 399 }],
      [100_000, { a: 250, b: 400 }],
    ]);
    expect(expanded.items(500, 501).map(({ elements }) => elements)).toEqual([{ a: 2, b: 101 }]);
    expect(expanded.items(100_000, 100_001)).toEqual([]);
  });

  it('are one without elements where there is no expansion', async () => {
    const expanded = await expandNode(engine, 'acme', taskNode({ input: { a: 1 } }), scopeWith(), LIMITS);
    if (!expanded.ok) throw new Error(expanded.reason);
    expect(expanded.total).toBe(1);
    expect(expanded.items(0, 1)).toEqual([{ item: 1, identifier: '1', data: {}, elements: {}, sources: [] }]);
    expect(expanded.items(1, 2)).toEqual([]);
  });

  it.each<[string, string[]]>([
    ['user.name', ['Alice', 'Bob']],
    ['item.user.id', ['1', '2']],
    ['item.user.name + "-" + string(item.sequence_num)', ['Alice-1', 'Bob-2']],
    ['', ['1', '2']],
  ])('are named by %j', async (rule, names) => {
    const users = [
      { id: 1, name: 'Alice' },
      { id: 2, name: 'Bob' },
    ];
    const items = await itemsOf({ ...overUsers, item_identifier: rule }, { users });
    expect(items.map(({ identifier }) => identifier)).toEqual(names);
  });

  it.each([
    ['user.name', 'EXPANSION_FAILED: item_identifier: item 2 {"user":{"id":2}} has no user.name'],
    ['item.user', 'EXPANSION_FAILED: item_identifier: item 1 {"user":{"name":"Alice"}} has no user'],
    [
      '[item.user]',
      'EXPANSION_FAILED: item_identifier, of item 1 {"user":{"name":"Alice"}}: [{"name":"Alice"}] names nothing',
    ],
    ['item.user.name + ""', 'EXPANSION_FAILED: item_identifier, of item 2 {"user":{"id":2}}: '],
    [
      'usr.name',
      'EXPANSION_FAILED: item_identifier: usr.name is no field of the item; it has user, sequence_num, base_task_id, total_count, parent_context',
    ],
  ])('cannot be named by %s', async (rule, reason) => {
    const found = await reasonOf(
      { ...overUsers, item_identifier: rule },
      { users: [{ name: 'Alice' }, { id: 2 }] },
    );
    expect(found.startsWith(reason)).toBe(true);
  });

  it('have names of at most 500 characters', async () => {
    const [item] = await itemsOf({ ...overUsers, item_identifier: 'user' }, { users: ['n'.repeat(600)] });
    expect(item?.identifier).toBe(`${'n'.repeat(499)}…`);
  });
});

describe('mapping rules', () => {
  const matrix = { type: 'matrix', array_mapping: { row: 'rows', col: 'cols' } };
  const input = { rows: [{ id: 'A', size: 2 }], cols: [1, 2] };

  it('rename elements, take parts of them, and compute', async () => {
    const mapping_rules = {
      column: 'col',
      'row.id': 'row.id',
      cell: 'item.row.id + string(item.col)',
      place: 'sequence_num',
      all: 'col_values',
    };
    expect(await elementsOf({ ...matrix, mapping_rules }, input)).toEqual([
      { row: { id: 'A', size: 2 }, column: 1, 'row.id': 'A', cell: 'A1', place: 1, all: [1, 2] },
      { row: { id: 'A', size: 2 }, column: 2, 'row.id': 'A', cell: 'A2', place: 2, all: [1, 2] },
    ]);
  });

  it('see the item as it was before them, and what the workflow knows', async () => {
    const mapping_rules = { row: 'col', col: 'row.size', limit: 'params.limit * item.col' };
    expect(
      await elementsOf({ ...matrix, mapping_rules }, input, scopeWith({}, { params: { limit: 10 } })),
    ).toEqual([
      { row: 1, col: 2, limit: 10 },
      { row: 2, col: 2, limit: 20 },
    ]);
  });

  it('leave a part out of items that have none', async () => {
    const users = [{ nick: 'al' }, {}];
    expect(await elementsOf({ ...overUsers, mapping_rules: { nick: 'user.nick' } }, { users })).toEqual([
      { user: { nick: 'al' }, nick: 'al' },
      { user: {} },
    ]);
  });

  it.each([
    ['user.nik', 'EXPANSION_FAILED: mapping_rules["x"]: no item has nik there'],
    ['usr', 'EXPANSION_FAILED: mapping_rules["x"]: usr is no field of the item; it has user, '],
    ['item.user.nik + "!"', 'EXPANSION_FAILED: mapping_rules["x"], of item 1 {"user":{"nick":"al"}}: '],
    ['item.user.nick +', 'EXPANSION_FAILED: mapping_rules["x"], of item 1 {"user":{"nick":"al"}}: '],
  ])('cannot be %s', async (rule, reason) => {
    const found = await reasonOf({ ...overUsers, mapping_rules: { x: rule } }, { users: [{ nick: 'al' }] });
    expect(found.slice(0, reason.length)).toBe(reason);
  });
});

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
    const many = { regions: numbers(100), years: numbers(60) };
    const rules = (condition: string) => custom({ combine: ['regions', 'years'], conditions: [condition] });
    expect(await reasonOf(rules('item.regions != 100'), many, scopeWith(), 5_000)).toBe(
      'TOO_MANY_ITEMS: more than 5,000 items are left after conditions',
    );
    expect(await reasonOf(rules('item.years > 10'), many, scopeWith(), 5_000)).toBe('5000 items');
    const bomb = { regions: numbers(1001), years: numbers(1000) };
    expect(await reasonOf(rules('item.years > 10'), bomb)).toBe(
      'TOO_MANY_ITEMS: 1001 × 1000 = 1,001,000 combinations before conditions, at most 1,000,000',
    );
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
      'array_mapping: items have total_count already; an element needs another name',
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

describe('an engine that cannot be asked', () => {
  it('is no failure of the task', async () => {
    const down: ExpressionEngine = {
      check: async () => [],
      evaluate: async (_, evaluations) =>
        evaluations.map(({ own }) =>
          own.map(() => ({ ok: false, failure: 'UNAVAILABLE', message: 'too many evaluations wait' })),
        ),
    };
    const expansion = expansionOf({ ...overUsers, item_identifier: 'item.user + "!"' });
    const node = taskNode({ input: { users: ['a'] }, expansion });
    await expect(expandNode(down, 'acme', node, scopeWith(), LIMITS)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
