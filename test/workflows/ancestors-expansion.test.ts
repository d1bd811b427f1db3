import { afterAll, describe, expect, it } from 'vitest';
import { expandNode } from '../../src/usecases/workflows/expand.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { LIMITS, scopeWith, taskOf } from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

/** What tasks are made from: of which elements, in their order. */
async function elementsOf(document: string) {
  const expanded = await expandNode(engine, 'acme', taskOf(JSON.parse(document)), scopeWith(), LIMITS);
  if (!expanded.ok) throw new Error(expanded.reason);
  const items = expanded.items(0, expanded.total);
  expect(items.map(({ item }) => item)).toEqual(items.map((_, n) => n + 1));
  expect(items).toHaveLength(expanded.total);
  return items;
}

describe('documents of task groups expand as they are', () => {
  it('an array of texts', async () => {
    const items = await elementsOf(
      '{"input_array":["item1","item2","item3"],"expansion_config":{"type":"array","array_mapping":{"input":"input_array"},"output_format":"separate"}}',
    );
    expect(items.map(({ elements }) => elements)).toEqual([
      { input: 'item1' },
      { input: 'item2' },
      { input: 'item3' },
    ]);
    expect(items[1]).toEqual({
      item: 2,
      identifier: '2',
      elements: { input: 'item2' },
      data: {
        input: 'item2',
        sequence_num: 2,
        base_task_id: 'reports.each',
        total_count: 3,
        parent_context: { workflow_id: 'w-1', group_id: 'reports', workflow_name: 'Quarter' },
      },
      sources: ['input_array'],
    });
  });

  it('an array of objects', async () => {
    const items = await elementsOf(
      '{"users":[{"id":1,"name":"Alice","role":"admin"},{"id":2,"name":"Bob","role":"user"},{"id":3,"name":"Carol","role":"user"}],"expansion_config":{"type":"array","array_mapping":{"user":"users"},"output_format":"separate"}}',
    );
    expect(items.map(({ elements }) => elements)).toEqual([
      { user: { id: 1, name: 'Alice', role: 'admin' } },
      { user: { id: 2, name: 'Bob', role: 'user' } },
      { user: { id: 3, name: 'Carol', role: 'user' } },
    ]);
  });

  it('a matrix, of which the last array goes round first', async () => {
    const items = await elementsOf(
      '{"rows":["A","B"],"cols":[1,2,3],"expansion_config":{"type":"matrix","array_mapping":{"row":"rows","col":"cols"}}}',
    );
    expect(items.map(({ data }) => `${data.row}${data.col}`)).toEqual(['A1', 'A2', 'A3', 'B1', 'B2', 'B3']);
    expect(items[3]).toEqual({
      item: 4,
      identifier: '4',
      elements: { row: 'B', col: 1 },
      data: {
        row: 'B',
        col: 1,
        row_values: ['A', 'B'],
        col_values: [1, 2, 3],
        combination: ['B', 1],
        sequence_num: 4,
        base_task_id: 'reports.each',
        total_count: 6,
        parent_context: { workflow_id: 'w-1', group_id: 'reports', workflow_name: 'Quarter' },
      },
      sources: ['rows', 'cols'],
    });
  });

  it('combinations by rules, with a filtered array whole', async () => {
    const items = await elementsOf(
      '{"data":{"regions":["US","EU"],"years":[2022,2023],"metrics":["sales","growth"]},"expansion_config":{"type":"custom","transform_rules":{"combine":["regions","metrics"],"filter":{"years":">2021"}}}}',
    );
    expect(items.map(({ elements }) => elements)).toEqual([
      { regions: 'US', metrics: 'sales', years: [2022, 2023] },
      { regions: 'US', metrics: 'growth', years: [2022, 2023] },
      { regions: 'EU', metrics: 'sales', years: [2022, 2023] },
      { regions: 'EU', metrics: 'growth', years: [2022, 2023] },
    ]);
    expect(items[0]?.sources).toEqual(['data']);
  });
});
