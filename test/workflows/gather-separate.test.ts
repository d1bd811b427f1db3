import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { expandNode } from '../../src/usecases/workflows/expand.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { ended, expansionOf, LIMITS, scopeWith, succeeded, taskNode } from './support/expansion-world.js';
import { gatherWith, THREW } from './support/gathering.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

describe('SEPARATE', () => {
  it('lists results in the order of the items, with metadata and times', async () => {
    const expansion = expansionOf({
      type: 'array',
      array_mapping: { user: 'users' },
      item_identifier: 'user.name',
    });
    const node = taskNode({
      expansion,
      input: { users: [{ name: 'Ann' }, { name: 'Bob' }, { name: 'Cem' }] },
    });
    const expanded = await expandNode(engine, 'acme', node, scopeWith(), LIMITS);
    if (!expanded.ok) throw new Error(expanded.reason);
    const outcomes = [succeeded(1, { n: 1 }), ended(2, 'DEAD_LETTER', '', '', THREW), succeeded(3, 'x')];
    expect(await gatherWith(engine, {}, outcomes, { items: expanded.items })).toEqual({
      state: 'PARTIAL',
      value: {
        task_results: [
          {
            sequence_num: 1,
            identifier: 'Ann',
            item_data: { user: { name: 'Ann' } },
            state: 'SUCCEEDED',
            output: { n: 1 },
            start_time: '2026-03-02T10:00:01.000Z',
            finish_time: '2026-03-02T10:00:02.000Z',
          },
          {
            sequence_num: 2,
            identifier: 'Bob',
            item_data: { user: { name: 'Bob' } },
            state: 'DEAD_LETTER',
            output: null,
            error: { kind: 'ValueError', message: 'no such page' },
            start_time: '2026-03-02T10:00:02.000Z',
            finish_time: '2026-03-02T10:00:04.000Z',
          },
          {
            sequence_num: 3,
            identifier: 'Cem',
            item_data: { user: { name: 'Cem' } },
            state: 'SUCCEEDED',
            output: 'x',
            start_time: '2026-03-02T10:00:03.000Z',
            finish_time: '2026-03-02T10:00:06.000Z',
          },
        ],
        metadata: { total: 3, succeeded: 2, failed: 1, base_task_id: 'reports.each' },
        timestamps: { started: '2026-03-02T10:00:01.000Z', finished: '2026-03-02T10:00:06.000Z' },
      },
      reason: 'TASK_FAILED: 1 of 3 items failed: 2 (ValueError: no such page)',
      detail: {
        total: 3,
        succeeded: 2,
        failed: 1,
        failures: [
          {
            sequence_num: 2,
            identifier: 'Bob',
            task_id: 'task-2',
            state: 'DEAD_LETTER',
            reason: 'ValueError: no such page',
          },
        ],
      },
    });
  });

  it('of no items is an empty success', async () => {
    expect(await gatherWith(engine, {}, [])).toEqual({
      state: 'SUCCEEDED',
      value: {
        task_results: [],
        metadata: { total: 0, succeeded: 0, failed: 0, base_task_id: 'reports.each' },
        timestamps: { started: null, finished: null },
      },
      reason: '',
      detail: { total: 0, succeeded: 0, failed: 0, failures: [] },
    });
  });

  it('has what there is of items that have not all ended', async () => {
    const outcomes = [succeeded(1, 'a'), ended(2, 'QUEUED'), ended(3, 'CANCELLED')];
    const found = await gatherWith(engine, {}, outcomes, { partial: true, total: 5 });
    expect(found.state).toBe('PARTIAL');
    expect(found.reason).toBe(
      'CANCELLED: 1 of 5 items failed: 3 (CANCELLED: because of CANCELLED); 3 of 5 items have not ended',
    );
    const value = found.value as { task_results: { sequence_num: number }[]; metadata: JsonObject };
    expect(value.task_results.map(({ sequence_num }) => sequence_num)).toEqual([1, 3]);
    expect(value.metadata).toEqual({
      total: 5,
      succeeded: 1,
      failed: 1,
      pending: 3,
      base_task_id: 'reports.each',
    });
    expect((await gatherWith(engine, {}, [ended(1, 'QUEUED')], { partial: true })).value).toBeUndefined();
  });

  it('has a result even where all items failed, and tells of the first 100', async () => {
    const outcomes = Array.from({ length: 250 }, (_, n) => ended(n + 1, 'FAILED', '', '', THREW));
    const found = await gatherWith(engine, {}, outcomes);
    expect(found.state).toBe('FAILED');
    expect(found.reason).toMatch(/^TASK_FAILED: 250 of 250 items failed: 1 \(.*; 3 \(.*\) and 247 more$/);
    expect((found.value as { task_results: JsonValue[] }).task_results).toHaveLength(250);
    const failures = found.detail.failures as JsonObject[];
    expect(failures.map((each) => each.sequence_num)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });

  it('leaves the data of items out where the results would be too large with it', async () => {
    const big = 'x'.repeat(1024 * 1024);
    const items = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => ({
        item: from + n + 1,
        identifier: `i${from + n + 1}`,
        data: {},
        elements: { big },
        sources: [],
      }));
    const outcomes = [1, 2, 3].map((item) => succeeded(item, item));
    const entries = async (count: number) => {
      const { value } = await gatherWith(engine, {}, outcomes.slice(0, count), { items });
      return (value as { task_results: JsonObject[] }).task_results;
    };
    expect((await entries(3)).map((each) => 'item_data' in each)).toEqual([true, true, true]);
    outcomes.push(succeeded(4, 4));
    const all = await entries(4);
    expect(all.map(({ identifier, output }) => [identifier, output])).toEqual([
      ['i1', 1],
      ['i2', 2],
      ['i3', 3],
      ['i4', 4],
    ]);
    expect(all.some((each) => 'item_data' in each)).toBe(false);
  });

  it('is no result where it is too large', async () => {
    const outcomes = [1, 2, 3, 4, 5].map((item) => succeeded(item, 'x'.repeat(1024 * 1024)));
    const found = await gatherWith(engine, {}, outcomes);
    expect(found).toMatchObject({ state: 'FAILED', value: undefined });
    expect(found.reason).toMatch(
      /^OUTPUT_FAILED: results up to item 4 take 4,194,\d{3} bytes as JSON, at most 4,194,304/,
    );
  });
});

describe('words of agents', () => {
  it('are cut, and kept as a record takes them', async () => {
    const message = `\0${'x'.repeat(297)}😀${'y'.repeat(2000)}`;
    const found = await gatherWith(engine, {}, [ended(1, 'FAILED', '', '', { kind: 'E', message })]);
    const [entry] = (found.value as { task_results: { error: { message: string } }[] }).task_results;
    expect(entry?.error.message).toHaveLength(1_000);
    expect(found.reason).toBe(`TASK_FAILED: E: \ufffd${'x'.repeat(297)}\ufffd…`);
    expect(JSON.stringify(found)).not.toMatch(/\\u0000|\\ud[89a-f]/);
  });
});
