import { afterAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { ExpressionEngine } from '../../src/ports/expression-engine.js';
import type { ItemOutcome } from '../../src/ports/workflow-record.js';
import { startExpressionEngine } from '../support/cel-engine.js';
import { ended, succeeded } from './support/expansion-world.js';
import { gatherWith, THREW } from './support/gathering.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

describe('a task without expansion', () => {
  it('has its output as its result', async () => {
    const output = { list: [1, null, 'ü'], nested: { a: true } };
    expect(await gatherWith(engine, null, [succeeded(1, output)])).toEqual({
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
    expect((await gatherWith(engine, null, [ended(1, 'SUCCEEDED', text, mediaType)])).value).toEqual(value);
  });

  it('has null where there is no output', async () => {
    const outcome = { ...succeeded(1, 0), result: null };
    expect(await gatherWith(engine, null, [outcome])).toMatchObject({ state: 'SUCCEEDED', value: null });
  });

  it.each<[string, string]>([
    ['{"a":', 'is no JSON, though it says application/json'],
    ['[1e999]', 'has a number that is too large'],
    ['{"a":{"__proto__":{}}}', 'has the key __proto__'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'is nested deeper than 64'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'is nested deeper than 64'],
  ])('has failed with an output such as %.20s', async (text, words) => {
    expect(await gatherWith(engine, null, [ended(1, 'SUCCEEDED', text)])).toMatchObject({
      state: 'FAILED',
      value: undefined,
      reason: `RESULT_INVALID: its output ${words}`,
    });
  });

  it('may have an output as large and as deep as a context takes, and no larger one', async () => {
    const deep = JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`);
    expect((await gatherWith(engine, null, [succeeded(1, deep)])).value).toEqual(deep);
    const most = 'x'.repeat(4 * 1024 * 1024 - 2);
    expect((await gatherWith(engine, null, [succeeded(1, most)])).state).toBe('SUCCEEDED');
    expect(await gatherWith(engine, null, [succeeded(1, `${most}x`)])).toMatchObject({
      state: 'FAILED',
      value: undefined,
      reason: 'OUTPUT_FAILED: the result must have at most 4194304 bytes as JSON, not 4194305',
    });
  });

  it.each<[ItemOutcome, string]>([
    [ended(1, 'FAILED', '', '', THREW), 'TASK_FAILED: ValueError: no such page'],
    [ended(1, 'DEAD_LETTER', '', '', THREW), 'TASK_FAILED: ValueError: no such page'],
    [ended(1, 'TIMED_OUT', '', '', THREW), 'TIMED_OUT: because of TIMED_OUT'],
    [ended(1, 'CANCELLED'), 'CANCELLED: because of CANCELLED'],
    [ended(1, 'REJECTED'), 'TASK_FAILED: REJECTED: because of REJECTED'],
    [
      { ...ended(1, 'CANCELLED'), reason: 'TIMED_OUT: group a took longer than 9 ms' },
      'TIMED_OUT: group a took longer than 9 ms',
    ],
    [
      { ...ended(1, 'DEAD_LETTER'), reason: 'ATTEMPT_TIMED_OUT' },
      'TIMED_OUT: ATTEMPT_TIMED_OUT: its last attempt took longer than its attempt_timeout',
    ],
    [
      // The attempt before it failed otherwise.
      { ...ended(1, 'DEAD_LETTER', '', '', THREW), reason: 'LEASE_EXPIRED' },
      'TASK_FAILED: LEASE_EXPIRED: the agent of its last attempt was not heard of any more',
    ],
    [
      {
        ...ended(1, 'DEAD_LETTER', '', '', { kind: 'UNDELIVERABLE', message: 'the parcel came back' }),
        reason: 'UNDELIVERABLE',
      },
      'TASK_FAILED: UNDELIVERABLE: the parcel came back',
    ],
    [
      { ...ended(1, 'TIMED_OUT'), reason: 'DEADLINE_PASSED' },
      'TIMED_OUT: DEADLINE_PASSED: it had not ended by its deadline',
    ],
  ])('has no result where it ended otherwise', async (outcome, reason) => {
    expect(await gatherWith(engine, null, [outcome])).toMatchObject({
      state: 'FAILED',
      value: undefined,
      reason,
    });
  });

  it('has no result before it has ended', async () => {
    expect(await gatherWith(engine, null, [ended(1, 'RUNNING')], { partial: true })).toMatchObject({
      state: 'FAILED',
      value: undefined,
      detail: { pending: 1 },
    });
    expect(await gatherWith(engine, null, [], { partial: true, total: 1 })).toMatchObject({
      value: undefined,
    });
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
    const found = await gatherWith(engine, null, [succeeded(1, { score: 7 })], {
      validate,
      params: { least: 3 },
    });
    expect(found.state).toBe(words === null ? 'SUCCEEDED' : 'FAILED');
    expect(found.value).toEqual(words === null ? { score: 7 } : undefined);
    if (words === null) expect(found.reason).toBe('');
    else expect(found.reason).toMatch(/^RESULT_INVALID: /);
    expect(found.reason).toContain(words ?? '');
  });

  it('makes items fail one by one', async () => {
    const outcomes = [succeeded(1, 5), succeeded(2, -1), ended(3, 'CANCELLED'), succeeded(4, 8)];
    const found = await gatherWith(engine, { output_format: 'merge', merge_strategy: 'sum' }, outcomes, {
      validate: 'result > 0',
    });
    expect(found.state).toBe('PARTIAL');
    expect(found.reason).toBe(
      'TASK_FAILED: 2 of 4 items failed: 2 (RESULT_INVALID: validate is false); 3 (CANCELLED: because of CANCELLED)',
    );
    expect(found.value).toMatchObject({ result: 13, summary: { succeeded: 2, failed: 2 } });
    const again = await gatherWith(engine, {}, [succeeded(1, 5), succeeded(2, -1)], {
      validate: 'result > 0',
    });
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
    await expect(gatherWith(down, {}, [succeeded(1, 1)], { validate: 'true' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
