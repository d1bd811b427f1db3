import { afterAll, describe, expect, it } from 'vitest';
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
import { expandNode } from '../../src/usecases/workflows/expand.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { expanding, numbersTo } from './support/expanding.js';
import { expansionOf, LIMITS, scopeWith, taskNode } from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());
const { expand, itemsOf, elementsOf, reasonOf } = expanding(engine);

const overUsers = { type: 'array', array_mapping: { user: 'users' } };

describe('items', () => {
  it('are none of no elements, which is a success', async () => {
    expect(await expand(overUsers, { users: [] })).toMatchObject({ ok: true, total: 0 });
    const matrix = { type: 'matrix', array_mapping: { a: 'a', b: 'b' }, mapping_rules: { c: 'a.name' } };
    expect(await expand(matrix, { a: [1, 2], b: [] })).toMatchObject({ ok: true, total: 0 });
  });

  it('whose results could not be kept, each by itself, are refused before one is made', async () => {
    const users = numbersTo(40_000);
    expect(await reasonOf(overUsers, { users })).toBe(
      'TOO_MANY_ITEMS: 40,000 results, each by itself (SEPARATE), take at least 5,600,000 bytes as JSON, at most 4,194,304; MERGE and SINGLE take less',
    );
    expect(await reasonOf({ ...overUsers, output_format: 'merge' }, { users })).toBe('40000 items');
  });

  it('are counted before one is made', async () => {
    const matrix = { type: 'matrix', array_mapping: { a: 'a', b: 'b' } };
    const input = { a: numbersTo(1000), b: numbersTo(1000) };
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
    const merged = { type: 'matrix', array_mapping: { a: 'a', b: 'b' }, output_format: 'merge' };
    const expanded = await expand(merged, { a: numbersTo(250), b: numbersTo(400) });
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
