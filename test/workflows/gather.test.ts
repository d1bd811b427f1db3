import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
import type { ItemOutcome } from '../../src/ports/workflow-record.js';
import { expandNode } from '../../src/usecases/workflows/expand.js';
import { type GatherOptions, gather } from '../../src/usecases/workflows/gather.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import {
  ended,
  expansionOf,
  LIMITS,
  pagesOf,
  scopeWith,
  succeeded,
  taskNode,
} from './support/expansion-world.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

interface Told extends Partial<GatherOptions> {
  readonly validate?: string;
  readonly total?: number;
  readonly params?: JsonObject;
  readonly engine?: ExpressionEngine;
}

/** `config` without what makes items; `null`: a task without expansion. */
function gathered(config: JsonObject | null, outcomes: readonly ItemOutcome[], told: Told = {}) {
  const { validate = '', total = outcomes.length, params = {}, partial = false, items } = told;
  const expansion = config && expansionOf({ type: 'array', array_mapping: { x: 'xs' }, ...config });
  const node = taskNode({ expansion, validate });
  const options = items ? { partial, items } : { partial };
  const scope = scopeWith({}, { params });
  return gather(told.engine ?? engine, 'acme', node, scope, total, pagesOf(outcomes), options);
}

async function merged(config: JsonObject, outputs: readonly JsonValue[]) {
  const { value } = await gathered(
    config,
    outputs.map((output, n) => succeeded(n + 1, output)),
  );
  return value as JsonObject;
}

const threw = { kind: 'ValueError', message: 'no such page' };

describe('a task without expansion', () => {
  it('has its output as its result', async () => {
    const output = { list: [1, null, 'ü'], nested: { a: true } };
    expect(await gathered(null, [succeeded(1, output)])).toEqual({
      state: 'SUCCEEDED',
      value: output,
      reason: '',
      detail: { total: 1, succeeded: 1, failed: 0, failures: [] },
    });
  });

  it.each<[string, string, string, JsonValue]>([
    ['JSON of a type of its own', 'application/vnd.acme+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['no bytes of JSON', 'application/json', '', null],
    ['a text', 'text/plain', 'hello', { media_type: 'text/plain', base64: 'aGVsbG8=' }],
    ['what a record does not keep', 'application/json', '{"a\\u0000":"\\ud800x"}', { 'a\ufffd': '\ufffdx' }],
    ['a pair of surrogates', 'Application/JSON', '"\\ud83d\\ude00"', '😀'],
  ])('reads %s', async (_, mediaType, text, value) => {
    expect((await gathered(null, [ended(1, 'SUCCEEDED', text, mediaType)])).value).toEqual(value);
  });

  it('has null where there is no output', async () => {
    const outcome = { ...succeeded(1, 0), result: null };
    expect(await gathered(null, [outcome])).toMatchObject({ state: 'SUCCEEDED', value: null });
  });

  it.each<[string, string]>([
    ['{"a":', 'is no JSON, though it says application/json'],
    ['[1e999]', 'has a number that is too large'],
    ['{"a":{"__proto__":{}}}', 'has the key __proto__'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'is nested deeper than 64'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'is nested deeper than 64'],
  ])('has failed with an output such as %.20s', async (text, words) => {
    expect(await gathered(null, [ended(1, 'SUCCEEDED', text)])).toMatchObject({
      state: 'FAILED',
      value: undefined,
      reason: `RESULT_INVALID: RESULT_INVALID: its output ${words}`,
    });
  });

  it('may have an output as large and as deep as a context takes, and no larger one', async () => {
    const deep = JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`);
    expect((await gathered(null, [succeeded(1, deep)])).value).toEqual(deep);
    const most = 'x'.repeat(4 * 1024 * 1024 - 2);
    expect((await gathered(null, [succeeded(1, most)])).state).toBe('SUCCEEDED');
    expect(await gathered(null, [succeeded(1, `${most}x`)])).toMatchObject({
      state: 'FAILED',
      value: undefined,
      reason: 'OUTPUT_FAILED: the result must have at most 4194304 bytes as JSON, not 4194305',
    });
  });

  it.each<[ItemOutcome, string]>([
    [ended(1, 'FAILED', '', '', threw), 'TASK_FAILED: ValueError: no such page'],
    [ended(1, 'DEAD_LETTER', '', '', threw), 'TASK_FAILED: ValueError: no such page'],
    [ended(1, 'TIMED_OUT', '', '', threw), 'TIMED_OUT: TIMED_OUT: because of TIMED_OUT'],
    [ended(1, 'CANCELLED'), 'CANCELLED: CANCELLED: because of CANCELLED'],
    [ended(1, 'REJECTED'), 'TASK_FAILED: REJECTED: because of REJECTED'],
  ])('has no result where it ended otherwise', async (outcome, reason) => {
    expect(await gathered(null, [outcome])).toMatchObject({ state: 'FAILED', value: undefined, reason });
  });

  it('has no result before it has ended', async () => {
    expect(await gathered(null, [ended(1, 'RUNNING')], { partial: true })).toMatchObject({
      state: 'FAILED',
      value: undefined,
      detail: { pending: 1 },
    });
    expect(await gathered(null, [], { partial: true, total: 1 })).toMatchObject({ value: undefined });
  });
});

describe('validate', () => {
  it.each<[string, string | null]>([
    ['result.score > params.least', null],
    ['result.score < params.least', 'validate is false'],
    ['""', null],
    ['"too " + (result.score > 5 ? "high" : "low")', 'too high'],
    ['result.score', 'must be a bool or a text, not an int'],
    ['result.scor > 3', 'No such key: scor'],
  ])('%s', async (validate, words) => {
    const found = await gathered(null, [succeeded(1, { score: 7 })], { validate, params: { least: 3 } });
    expect(found.state).toBe(words === null ? 'SUCCEEDED' : 'FAILED');
    expect(found.value).toEqual(words === null ? { score: 7 } : undefined);
    if (words === null) expect(found.reason).toBe('');
    else expect(found.reason).toMatch(/^RESULT_INVALID: /);
    expect(found.reason).toContain(words ?? '');
  });

  it('makes items fail one by one', async () => {
    const outcomes = [succeeded(1, 5), succeeded(2, -1), ended(3, 'CANCELLED'), succeeded(4, 8)];
    const found = await gathered({ output_format: 'merge', merge_strategy: 'sum' }, outcomes, {
      validate: 'result > 0',
    });
    expect(found.state).toBe('PARTIAL');
    expect(found.reason).toBe(
      'TASK_FAILED: 2 of 4 items failed: 2 (RESULT_INVALID: validate is false); 3 (CANCELLED: because of CANCELLED)',
    );
    expect(found.value).toMatchObject({ result: 13, summary: { succeeded: 2, failed: 2 } });
    const again = await gathered({}, [succeeded(1, 5), succeeded(2, -1)], { validate: 'result > 0' });
    expect(again.reason).toBe('RESULT_INVALID: 1 of 2 items failed: 2 (RESULT_INVALID: validate is false)');
  });

  it('is no failure of the items when it cannot be asked', async () => {
    const down: ExpressionEngine = {
      check: async () => [],
      evaluate: async (_, evaluations) =>
        evaluations.map(({ own }) =>
          own.map(() => ({ ok: false, failure: 'UNAVAILABLE', message: 'too many evaluations wait' })),
        ),
    };
    await expect(gathered({}, [succeeded(1, 1)], { validate: 'true', engine: down })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

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
    const outcomes = [succeeded(1, { n: 1 }), ended(2, 'DEAD_LETTER', '', '', threw), succeeded(3, 'x')];
    expect(await gathered({}, outcomes, { items: expanded.items })).toEqual({
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
    expect(await gathered({}, [])).toEqual({
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
    const found = await gathered({}, outcomes, { partial: true, total: 5 });
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
    expect((await gathered({}, [ended(1, 'QUEUED')], { partial: true })).value).toBeUndefined();
  });

  it('has a result even where all items failed, and tells of the first 100', async () => {
    const outcomes = Array.from({ length: 250 }, (_, n) => ended(n + 1, 'FAILED', '', '', threw));
    const found = await gathered({}, outcomes);
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
      const { value } = await gathered({}, outcomes.slice(0, count), { items });
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
    const found = await gathered({}, outcomes);
    expect(found).toMatchObject({ state: 'FAILED', value: undefined });
    expect(found.reason).toMatch(
      /^OUTPUT_FAILED: results up to item 4 take 4,194,\d{3} bytes as JSON, at most 4,194,304/,
    );
  });
});

describe('MERGE', () => {
  const merge = (merge_strategy: string | null, more: JsonObject = {}) => ({
    output_format: 'merge',
    merge_strategy,
    ...more,
  });

  it('is a document with summary, metrics and confidence', async () => {
    const outcomes = [
      succeeded(1, { count: 2, nested: { ms: 1.5 }, confidence: 0.5, tags: ['a'] }),
      ended(2, 'FAILED', '', '', threw),
      succeeded(3, { count: 4, nested: { ms: 0.5, note: 'n' }, tags: ['b', 'a'] }),
    ];
    expect((await gathered(merge(null), outcomes)).value).toEqual({
      result: { count: 4, nested: { ms: 0.5, note: 'n' }, confidence: 0.5, tags: ['a', 'b', 'a'] },
      summary: {
        total: 3,
        succeeded: 2,
        failed: 1,
        strategy: 'DEEP',
        failures: [
          {
            sequence_num: 2,
            identifier: '2',
            task_id: 'task-2',
            state: 'FAILED',
            reason: 'ValueError: no such page',
          },
        ],
      },
      metrics: {
        count: { sum: 6, average: 3, count: 2 },
        'nested.ms': { sum: 2, average: 1, count: 2 },
        confidence: { sum: 0.5, average: 0.5, count: 1 },
      },
      confidence: 0.5,
    });
  });

  it('is as confident as the share that succeeded, where outputs do not say', async () => {
    const outcomes = [succeeded(1, {}), ended(2, 'FAILED'), succeeded(3, 1), ended(4, 'FAILED')];
    expect((await gathered(merge(null), outcomes)).value).toMatchObject({ confidence: 0.5 });
    const said = [0.25, 0.75, 0.5].map((confidence) => ({ confidence }));
    expect((await merged(merge(null), said)).confidence).toBe(0.5);
  });

  it.each<[string, JsonValue[], JsonValue]>([
    [
      'deep',
      [{ a: { b: 1, c: [1] } }, { a: { b: 2, c: [2], d: null } }],
      { a: { b: 2, c: [1, 2], d: null } },
    ],
    ['deep', [{ a: 1 }, { a: { b: 1 } }, { a: { c: 2 } }], { a: { b: 1, c: 2 } }],
    ['deep', [[1], [[2]]], [1, [2]]],
    ['deep', ['a', 'b'], 'b'],
    ['deep', [{ constructor: { a: 1 } }, { constructor: { b: 2 } }], { constructor: { a: 1, b: 2 } }],
    ['deep', [null], null],
    ['deep', [], {}],
    ['shallow', [{ a: { b: 1 }, x: 1 }, { a: { c: 2 } }], { a: { c: 2 }, x: 1 }],
    ['shallow', [[1], [2]], [2]],
    ['shallow', [], {}],
    ['concat', [[1, [2]], 'a', { b: 1 }, []], [1, [2], 'a', { b: 1 }]],
    ['concat', [], []],
    ['sum', [1, 2.5, -1], 2.5],
    [
      'sum',
      [{ a: 1, b: { c: 2 }, s: 'x', l: [9] }, { a: 2, b: { d: 4 } }, 'none'],
      { a: 3, b: { c: 2, d: 4 } },
    ],
    ['sum', ['a'], null],
    ['sum', [], null],
    ['average', [1, 2, 6], 3],
    ['avg', [{ a: 1, b: { c: 2 } }, { a: 2 }], { a: 1.5, b: { c: 2 } }],
  ])('%s of %j', async (strategy, outputs, result) => {
    expect((await merged(merge(strategy), outputs)).result).toEqual(result);
  });

  it.each<[string, JsonValue[], JsonValue]>([
    ['results.map(r, r.n).filter(n, n > params.least)', [{ n: 1 }, { n: 3 }, { n: 2 }], [3, 2]],
    ['{"first": results[0], "count": size(results)}', ['a', 'b'], { first: 'a', count: 2 }],
    ['results[0]', [], null],
  ])('by the reducer %s', async (reducer, outputs, result) => {
    const outcomes = outputs.map((output, n) => succeeded(n + 1, output));
    const found = await gathered(merge(null, { reducer }), outcomes, { params: { least: 1 } });
    expect(found.state).toBe('SUCCEEDED');
    expect(found.value).toMatchObject({ result, summary: { strategy: 'REDUCE' } });
  });

  it.each<[JsonObject, JsonValue[], string]>([
    [
      merge('sum'),
      [{ a: { b: 1 } }, { a: { b: { c: 2 } } }],
      'some outputs have a number at a.b, others an object',
    ],
    [merge('average'), [1, { a: 1 }], 'some outputs have a number, others an object'],
    [merge('sum'), [{ a: 1e308 }, { a: 1e308 }], 'the sum at a is too large'],
    [merge('reduce', { reducer: 'results[5]' }), [1], 'reducer: '],
  ])('is no result with %j of %j', async (config, outputs, words) => {
    const found = await gathered(
      config,
      outputs.map((output, n) => succeeded(n + 1, output)),
    );
    expect(found).toMatchObject({ state: 'FAILED', value: undefined });
    expect(found.reason.startsWith(`OUTPUT_FAILED: ${words}`)).toBe(true);
  });

  it('is no result where it is too large, and is small where only the outputs are many', async () => {
    const big = (item: number) => succeeded(item, { [`k${item}`]: 'x'.repeat(1024 * 1024) });
    const found = await gathered(merge('deep'), [1, 2, 3, 4, 5, 6].map(big));
    expect(found.reason).toMatch(/^OUTPUT_FAILED: .*4,194,304/);
    expect(found.value).toBeUndefined();
    const same = (item: number) => succeeded(item, { k: 'x'.repeat(1024 * 1024) });
    const small = await gathered(merge('deep'), [1, 2, 3, 4, 5, 6, 7, 8, 9].map(same));
    expect(small.state).toBe('SUCCEEDED');
  });

  it('has metrics of as many numbers as it can', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`k${n}`, n]));
    const { metrics } = await merged(merge('shallow'), [wide, wide]);
    expect(Object.keys(metrics as JsonObject)).toHaveLength(1000);
    expect(metrics).toMatchObject({ k999: { sum: 1998, average: 999, count: 2 } });
  });
});

describe('SINGLE', () => {
  const single = (merge_strategy: string | null, more: JsonObject = {}) => ({
    output_format: 'single',
    merge_strategy,
    ...more,
  });

  it('is one score with confidence and analysis', async () => {
    const outcomes = [
      succeeded(1, { score: 1, analysis: 'good', confidence: 0.9 }),
      succeeded(2, { final_score: 2, score: 100, analysis: 'fair', confidence: 0.7 }),
      ended(3, 'FAILED', '', '', threw),
      succeeded(4, 6),
      succeeded(5, 'only words'),
    ];
    const { value, state } = await gathered(single(null), outcomes);
    expect(state).toBe('PARTIAL');
    expect(value).toMatchObject({
      final_score: 3,
      analysis: 'good\nfair\nonly words',
      scored: 3,
      total: 5,
      succeeded: 4,
      failed: 1,
      failures: [{ sequence_num: 3, reason: 'ValueError: no such page' }],
    });
    expect((value as { confidence: number }).confidence).toBeCloseTo(0.8, 12);
    expect(Object.keys(value as JsonObject)).not.toContain('result');
  });

  it.each<[JsonObject, JsonValue[], JsonObject]>([
    [single('sum'), [{ score: 1 }, 2.5, { final_score: 3 }], { final_score: 6.5, scored: 3 }],
    [single('average'), ['a', null], { final_score: null, scored: 0, analysis: 'a', confidence: 1 }],
    [single(null), [], { final_score: null, scored: 0, analysis: '', confidence: 1, total: 0 }],
    [single('concat'), [[1], [2]], { final_score: null, result: [1, 2] }],
    [
      single('deep'),
      [
        { score: 1, a: 1 },
        { score: 3, b: 2 },
      ],
      { final_score: 2, result: { score: 3, a: 1, b: 2 } },
    ],
    [single(null, { reducer: 'results[1]' }), [1, 5], { final_score: 5 }],
    [
      single(null, { reducer: '{"final_score": 9, "winner": results[0]}' }),
      ['a', 'b'],
      { final_score: 9, winner: 'a', analysis: 'a\nb' },
    ],
    [single(null, { reducer: 'results[0] + results[1]' }), ['a', 'b'], { final_score: null, result: 'ab' }],
  ])('%j of %j', async (config, outputs, value) => {
    expect(await merged(config, outputs)).toMatchObject(value);
  });
});

describe('a hundred thousand outcomes', () => {
  it('become one value page by page', async () => {
    async function* pages() {
      for (let from = 0; from < 100_000; from += 500) {
        yield Array.from({ length: 500 }, (_, n) => succeeded(from + n + 1, { n: from + n + 1, one: 1 }));
      }
    }
    const expansion = expansionOf({
      type: 'array',
      array_mapping: { x: 'xs' },
      output_format: 'merge',
      merge_strategy: 'sum',
    });
    const node = taskNode({ expansion });
    const found = await gather(engine, 'acme', node, scopeWith(), 100_000, pages(), { partial: false });
    expect(found.state).toBe('SUCCEEDED');
    // 1 + 2 + … + n = n (n + 1) / 2
    expect(found.value).toMatchObject({
      result: { n: 5_000_050_000, one: 100_000 },
      metrics: { n: { average: 50_000.5 } },
    });
  });
});
