import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type { Evaluation } from '../../src/ports/expression-engine.js';
import { celPolicy, policyInput, startExpressionEngine } from '../support/cel-engine.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

const others: ReturnType<typeof startExpressionEngine>[] = [];
afterEach(() => Promise.all(others.splice(0).map((each) => each.policies.stop())));
function setup() {
  const each = startExpressionEngine();
  others.push(each);
  return each;
}

async function outcomeOf(expression: string, shared: JsonObject, own: JsonObject = {}) {
  const [[outcome] = []] = await engine.evaluate('acme', [{ expression, shared, own: [own] }]);
  return outcome;
}

const CONTEXT = {
  context: { user: { name: 'Ann', age: 41, score: 1.5 }, list: [1, 2, 3], none: null, 'a-b': { c: true } },
  params: { limit: 2 },
  now: Date.UTC(2026, 2, 2, 10),
};

describe('an expression of a workflow', () => {
  it.each<[string, JsonValue]>([
    ['context.user.name', 'Ann'],
    ['context.user', { name: 'Ann', age: 41, score: 1.5 }],
    ['context.list.filter(n, n > params.limit)', [3]],
    ['context.list[0] + int(context.user.age)', 42],
    ['context.user.score * 2', 3],
    ['context["a-b"].c', true],
    ['context.none', null],
    ['has(context.user.email) ? context.user.email : "-"', '-'],
    ['has(context.user.name)', true],
    ['has(context.none)', true],
    ['"user" in context && size(context) == 4', true],
    ['context.user.name + " has " + string(size(context.list))', 'Ann has 3'],
    ['now', '2026-03-02T10:00:00.000Z'],
    ['now + duration("90m") > timestamp("2026-03-02T11:00:00Z")', true],
    ['string(now)', '2026-03-02T10:00:00.000Z'],
    ['duration("90s")', '90s'],
    ['{"a": [1, 2.5, context.user.name]}', { a: [1, 2.5, 'Ann'] }],
    ['item.n + 1', 8],
    ['cel.bind(context, item, context.n)', 7],
  ])('%s', async (expression, value) => {
    expect(await outcomeOf(expression, CONTEXT, { item: { n: 7 } })).toEqual({ ok: true, value });
  });

  it.each<[string, string]>([
    ['context.usr.name', 'line 1, column 9: No such key: usr'],
    ['context.user.nam', 'No such key: nam'],
    ['context.list[7]', 'index out of bounds'],
    ['context.none.x', 'No such key: x'],
    ['contxt.user', 'line 1, column 1: unknown variable contxt; did you mean context?'],
    ['true &&\n  has(itm.n)', 'line 2, column 7: unknown variable itm; did you mean item?'],
  ])('%s is missing', async (expression, message) => {
    const outcome = await outcomeOf(expression, CONTEXT, { item: {} });
    expect(outcome).toMatchObject({
      ok: false,
      failure: 'MISSING',
      message: expect.stringContaining(message),
    });
  });

  it.each<[string, string, string]>([
    ['1 / 0', 'ERROR', 'division by zero'],
    ['context.user.name > 3', 'ERROR', 'line 1, column'],
    ['type(1)', 'WRONG_RESULT', 'must not hold'],
    ['b"a"', 'ERROR', 'there are no bytes'],
    ['context.list +', 'ERROR', 'line 1, column'],
  ])('%s fails', async (expression, failure, message) => {
    const outcome = await outcomeOf(expression, CONTEXT);
    expect(outcome).toMatchObject({ ok: false, failure, message: expect.stringContaining(message) });
  });

  it('takes values as deep as a context may be, and gives them back', async () => {
    let deep: JsonValue = 'x';
    for (let n = 0; n < 62; n++) deep = n % 2 === 0 ? [deep] : { a: deep };
    expect(await outcomeOf('item', {}, { item: deep })).toEqual({ ok: true, value: deep });
  });

  it('is not led astray by the names of keys', async () => {
    const item = JSON.parse('{"constructor": 1, "hasOwnProperty": {"toString": 2}}');
    expect(await outcomeOf('item.constructor + item.hasOwnProperty.toString', {}, { item })).toEqual({
      ok: true,
      value: 3,
    });
    expect(await outcomeOf('item.valueOf', {}, { item })).toMatchObject({ failure: 'MISSING' });
  });

  it('is evaluated for each of many, in order, however many there are', async () => {
    const own = Array.from({ length: 12_345 }, (_, n) => ({ item: { n } }));
    const shared = { context: { add: 3 } };
    const [sums = [], texts = []] = await engine.evaluate('acme', [
      { expression: 'item.n + context.add', shared, own },
      { expression: '"n" + string(item.n)', shared, own: own.slice(0, 10) },
    ]);
    expect(sums).toEqual(own.map(({ item }) => ({ ok: true, value: item.n + 3 })));
    expect(texts.at(-1)).toEqual({ ok: true, value: 'n9' });
  });

  it('has no more to answer than it is asked', async () => {
    expect(await engine.evaluate('acme', [])).toEqual([]);
    expect(await engine.evaluate('acme', [{ expression: '1', shared: {}, own: [] }])).toEqual([[]]);
  });
});

describe('a check of expressions', () => {
  it('says what they name, and what is wrong where', async () => {
    const checked = await engine.check(
      [
        'context.users.filter(u, u.age > params.least).size() > context.a[0].b',
        'item["first name"] == context.x',
        'true &&\n  foo.bar',
        'context.',
        `"${'x'.repeat(20_000)}"`,
      ],
      ['context', 'params', 'item'],
    );
    expect(checked).toEqual([
      {
        ok: true,
        names: [
          ['context', 'users'],
          ['params', 'least'],
          ['context', 'a'],
        ],
      },
      {
        ok: true,
        names: [
          ['item', 'first name'],
          ['context', 'x'],
        ],
      },
      {
        ok: false,
        problems: [{ line: 2, column: 3, message: 'unknown variable foo; there are context, params, item' }],
      },
      { ok: false, problems: [{ line: 1, column: 9, message: expect.stringContaining('IDENTIFIER') }] },
      { ok: false, problems: [{ line: 0, column: 0, message: expect.stringContaining('longer than') }] },
    ]);
  });
});

const LIST = Array.from({ length: 150 }, (_, n) => n);
/** 3,375,000 turns. */
const RUNAWAY = 'item.l.all(a, item.l.all(b, item.l.all(c, a + b + c >= 0)))';

describe('an expression of a workflow that runs away', () => {
  it('fails alone', async () => {
    const { expressions, policies: beside } = setup();
    const own = (l: readonly number[]) => ({ item: { l } });
    const bad: Evaluation = { expression: RUNAWAY, shared: {}, own: [own([1]), own(LIST), own([2])] };
    const good: Evaluation = { expression: 'size(item.l)', shared: {}, own: [own([1, 2])] };
    const policy = { policy: celPolicy('APPROVAL', 'task.tier == "NORMAL"'), inputs: [policyInput()] };
    const [outcomes, decided] = await Promise.all([
      expressions.evaluate('acme', [good, bad, good]),
      beside.decide([policy]),
    ]);
    expect(outcomes).toMatchObject([
      [{ ok: true, value: 2 }],
      [
        { ok: true, value: true },
        { ok: false, failure: 'RUNAWAY' },
        { ok: true, value: true },
      ],
      [{ ok: true, value: 2 }],
    ]);
    expect(decided).toMatchObject([[{ ok: true, output: true }]]);
  });

  it('three times has its organisation wait, and no other', async () => {
    const { expressions } = setup();
    const bad = { expression: RUNAWAY, shared: {}, own: LIST.slice(0, 4).map(() => ({ item: { l: LIST } })) };
    const good = { expression: '1 + 1', shared: {}, own: [{}] };
    const [outcomes = []] = await expressions.evaluate('acme', [bad]);
    expect(outcomes.map((each) => !each.ok && each.failure)).toEqual([
      'RUNAWAY',
      'RUNAWAY',
      'RUNAWAY',
      'RUNAWAY',
    ]);
    // It is no fault of this one, which is to be asked again.
    await expect(expressions.evaluate('acme', [good])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await expressions.evaluate('other', [good])).toMatchObject([[{ value: 2 }]]);
  });
});

describe('values of workflows', () => {
  const many = Array.from({ length: 400_000 }, (_, n) => n);

  it('do not cross to the thread where they are not named', async () => {
    const shared = { context: { huge: many, small: 'x' }, results: { huge: many } };
    const [small, huge] = await engine.evaluate('acme', [
      { expression: 'context.small + "y"', shared, own: [{}] },
      { expression: 'size(context.huge)', shared, own: [{}] },
    ]);
    expect(small).toEqual([{ ok: true, value: 'xy' }]);
    expect(huge).toMatchObject([
      { failure: 'TOO_LARGE', message: 'what it names has more than 2097152 characters as JSON' },
    ]);
  });

  it('are read once for all who share them', async () => {
    const shared = { context: { users: many.slice(0, 150_000) } };
    const own = Array.from({ length: 2_000 }, (_, n) => ({ item: { n } }));
    const began = performance.now();
    const [found = []] = await engine.evaluate('acme', [
      { expression: 'context.users[item.n] + 1', shared, own },
    ]);
    expect(found.map((each) => each.ok && each.value)).toEqual(own.map(({ item }) => item.n + 1));
    // To read them for each would take minutes.
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('an engine that is stopped', () => {
  it('says that it is, not that expressions fail', async () => {
    const { expressions, policies: beside } = setup();
    const asked = expressions.evaluate('acme', [{ expression: '1', shared: {}, own: [{}] }]);
    const refused = expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await beside.stop();
    await refused;
    await expect(expressions.check(['1'], [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
