import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { gather } from '../../src/usecases/workflows/gather.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { ended, expansionOf, scopeWith, succeeded, taskNode } from './support/expansion-world.js';
import { gatherWith, mergedWith, THREW } from './support/gathering.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

describe('MERGE', () => {
  const merge = (merge_strategy: string | null, more: JsonObject = {}) => ({
    output_format: 'merge',
    merge_strategy,
    ...more,
  });

  it('is a document with summary, metrics and confidence', async () => {
    const outcomes = [
      succeeded(1, { count: 2, nested: { ms: 1.5 }, confidence: 0.5, tags: ['a'] }),
      ended(2, 'FAILED', '', '', THREW),
      succeeded(3, { count: 4, nested: { ms: 0.5, note: 'n' }, tags: ['b', 'a'] }),
    ];
    expect((await gatherWith(engine, merge(null), outcomes)).value).toEqual({
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
    expect((await gatherWith(engine, merge(null), outcomes)).value).toMatchObject({ confidence: 0.5 });
    const said = [0.25, 0.75, 0.5].map((confidence) => ({ confidence }));
    expect((await mergedWith(engine, merge(null), said)).confidence).toBe(0.5);
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
    expect((await mergedWith(engine, merge(strategy), outputs)).result).toEqual(result);
  });

  it.each<[string, JsonValue[], JsonValue]>([
    ['results.map(r, r.n).filter(n, n > params.least)', [{ n: 1 }, { n: 3 }, { n: 2 }], [3, 2]],
    ['{"first": results[0], "count": size(results)}', ['a', 'b'], { first: 'a', count: 2 }],
    ['results[0]', [], null],
  ])('by the reducer %s', async (reducer, outputs, result) => {
    const outcomes = outputs.map((output, n) => succeeded(n + 1, output));
    const found = await gatherWith(engine, merge(null, { reducer }), outcomes, { params: { least: 1 } });
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
    const found = await gatherWith(
      engine,
      config,
      outputs.map((output, n) => succeeded(n + 1, output)),
    );
    expect(found).toMatchObject({ state: 'FAILED', value: undefined });
    expect(found.reason.startsWith(`OUTPUT_FAILED: ${words}`)).toBe(true);
  });

  it('is no result where it is too large, and is small where only the outputs are many', async () => {
    const big = (item: number) => succeeded(item, { [`k${item}`]: 'x'.repeat(1024 * 1024) });
    const found = await gatherWith(engine, merge('deep'), [1, 2, 3, 4, 5, 6].map(big));
    expect(found.reason).toMatch(/^OUTPUT_FAILED: .*4,194,304/);
    expect(found.value).toBeUndefined();
    const same = (item: number) => succeeded(item, { k: 'x'.repeat(1024 * 1024) });
    const small = await gatherWith(engine, merge('deep'), [1, 2, 3, 4, 5, 6, 7, 8, 9].map(same));
    expect(small.state).toBe('SUCCEEDED');
  });

  it('has metrics of as many numbers as it can', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`k${n}`, n]));
    const { metrics } = await mergedWith(engine, merge('shallow'), [wide, wide]);
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
      ended(3, 'FAILED', '', '', THREW),
      succeeded(4, 6),
      succeeded(5, 'only words'),
    ];
    const { value, state } = await gatherWith(engine, single(null), outcomes);
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
    expect(await mergedWith(engine, config, outputs)).toMatchObject(value);
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
