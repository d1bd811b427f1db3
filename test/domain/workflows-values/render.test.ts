import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.js';
import type { Evaluation, ExpressionEngine } from '../../../src/ports/expression-engine.js';
import { render } from '../../../src/usecases/workflows/render.js';
import { startExpressionEngine } from '../../support/cel-engine.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

/** The engine, and what it was asked in each call. */
function counting() {
  const calls: (readonly Evaluation[])[] = [];
  const counted: Pick<ExpressionEngine, 'evaluate'> = {
    evaluate(org, evaluations) {
      calls.push(evaluations);
      return engine.evaluate(org, evaluations);
    },
  };
  return { calls, counted };
}

const SHARED: JsonObject = {
  context: { user: { name: 'Ann', tags: ['a', 'b'] }, none: null, n: 3, tricky: '{{ context.n }}' },
  results: { scan: { pages: 12 } },
  params: {},
  now: Date.UTC(2026, 2, 2, 10),
};

async function rendered(value: JsonValue, own: JsonObject = {}) {
  const [one] = await render(engine, 'acme', value, SHARED, [own]);
  return one;
}

describe('a template that is filled', () => {
  it.each<[JsonValue, JsonValue]>([
    ['Hello {{ context.user.name }}, {{ results.scan.pages }} pages', 'Hello Ann, 12 pages'],
    ['{{ context.user }}', { name: 'Ann', tags: ['a', 'b'] }],
    ['{{ context.user.tags }} {{ context.none }}', '["a","b"] null'],
    ['{{ context.user.tags.map(t, t + "!") }}', ['a!', 'b!']],
    ['{{ context.tricky }}', '{{ context.n }}'],
    ['<{{ context.tricky }}>', '<{{ context.n }}>'],
    ['{{ "{{" }}x', '{{x'],
    ['{{ context.x | "none" }}', 'none'],
    ['{{ context.none | context.user.name }}', 'Ann'],
    ['{{ context.n | 7 }}', 3],
    ['{{ context.x.y.z | context.n + 1 }}', 4],
    ['{{ item.name | "not expanded" }}', 'not expanded'],
    ['{{ context.user.tags[5] | [] }}', []],
    ['{{ has(context.x) ? context.x : "y" }}', 'y'],
    ['{{ now }}', '2026-03-02T10:00:00.000Z'],
    [
      { a: ['{{ context.n }}', { 'k {{ x }}': 'v' }], b: null, c: 1.5 },
      { a: [3, { 'k {{ x }}': 'v' }], b: null, c: 1.5 },
    ],
  ])('%j', async (value, expected) => {
    expect(await rendered(value)).toEqual({ ok: true, value: expected });
  });

  it.each<[JsonValue, string]>([
    [
      { input: { text: 'Hi {{ context.usr.name }}' } },
      'input.text: {{ context.usr.name }}: No such key: usr',
    ],
    [
      { pages: ['{{ context.n + contxt.n }}'] },
      'pages[0]: {{ context.n + contxt.n }}: line 1, column 13: unknown variable contxt; did you mean context?',
    ],
    ['{{ item.x }}', '{{ item.x }}: line 1, column 1: unknown variable item'],
    ['{{ 1 / 0 | 3 }}', '{{ 1 / 0 | 3 }}: line 1, column 1: division by zero'],
    ['{{ context.x | context.y }}', '{{ context.x | context.y }}: No such key: y'],
    [{ a: 'x {{ context.n' }, 'a: {{ context.n: it lacks }}'],
  ])('%j cannot be', async (value, description) => {
    expect(await rendered(value)).toEqual({ ok: false, description: expect.stringContaining(description) });
  });

  it('is filled for each item, in one call', async () => {
    const { calls, counted } = counting();
    const own = Array.from({ length: 50 }, (_, n) => ({
      item: { n, ...(n % 2 === 0 && { name: `i${n}` }) },
    }));
    const value = {
      title: '{{ item.name | "number " + string(item.n) }}',
      next: '{{ item.n + 1 }}',
      again: 'x{{ item.n + 1 }}',
      all: '{{ context.user.tags.size() }}',
      same: { kept: [1, 2] },
    };
    const all = await render(counted, 'acme', value, SHARED, own);
    expect(all).toEqual(
      own.map(({ item }) => ({
        ok: true,
        value: {
          title: item.name ?? `number ${item.n}`,
          next: item.n + 1,
          again: `x${item.n + 1}`,
          all: 2,
          same: { kept: [1, 2] },
        },
      })),
    );
    // What names nothing of the items is asked once; paths alone are not asked at all.
    expect(calls.map((call) => call.map(({ expression, own: of }) => [expression, of.length]))).toEqual([
      [
        ['item.n + 1', 50],
        ['context.user.tags.size()', 1],
      ],
      [['"number " + string(item.n)', 50]],
    ]);
  });

  it('fails for the item that lacks something, and no other', async () => {
    const own: JsonObject[] = [{ item: { a: 1 } }, { item: {} }, { item: { a: 3 } }];
    expect(await render(engine, 'acme', { v: '{{ item.a }}' }, SHARED, own)).toEqual([
      { ok: true, value: { v: 1 } },
      { ok: false, description: 'v: {{ item.a }}: No such key: a' },
      { ok: true, value: { v: 3 } },
    ]);
  });

  it('has a limit', async () => {
    const shared = { context: { text: 'ä'.repeat(300_000) } };
    const [two] = await render(engine, 'acme', { a: '{{ context.text }}{{ context.text }}' }, shared, [{}]);
    expect(two).toEqual({
      ok: false,
      description: 'a: a text must not have more than 1048576 bytes, not 1200000',
    });
    const many = Array.from({ length: 8 }, () => 'x{{ context.text }}');
    const [all] = await render(engine, 'acme', many, shared, [{}]);
    expect(all).toEqual({ ok: false, description: expect.stringContaining('all texts together') });
    const expressions = Array.from({ length: 1_001 }, (_, n) => `{{ context.x${n} }}`);
    const [most] = await render(engine, 'acme', expressions, shared, [{}]);
    expect(most).toEqual({ ok: false, description: 'there must not be more than 1000 expressions' });
  });
});

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
/** As a record keeps it. */
const stored = json.map((value) =>
  JSON.parse(JSON.stringify(value).replace(/\\u[0-9a-f]{4}|__proto__/g, 'x')),
);

describe('any JSON value', () => {
  it('that a template is alone keeps its value and its type, looked up or evaluated', async () => {
    await fc.assert(
      fc.asyncProperty(stored, async (value) => {
        const own = [{ item: { value } }];
        const both = ['{{ item.value }}', '{{ [item.value][0] }}'];
        expect(await render(engine, 'acme', both, {}, own)).toEqual([{ ok: true, value: [value, value] }]);
      }),
    );
  });

  it('that is a text without braces is itself', async () => {
    await fc.assert(
      fc.asyncProperty(stored, async (value) => {
        fc.pre(!JSON.stringify(value).includes('{{'));
        expect(await render(engine, 'acme', value, {}, [{}])).toEqual([{ ok: true, value }]);
      }),
    );
  });
});

describe('a path alone', () => {
  it('comes to what CEL has for it', async () => {
    const keys = fc.constantFrom('.a', '.b', '["a b"]', "['if']", '[0]', '[1]', '.if', '. size', '[ 7 ]');
    const values = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<JsonValue>(null, 'text', 3, 1.5, true),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'a b', 'if', 'size', '0'), tie('value')),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { maxLength: 4 }), values, async (path, item) => {
        const expression = `item${path.join('')}`;
        const own = [{ item }];
        const [looked] = await render(engine, 'acme', `{{ ${expression} }}`, {}, own);
        const [[evaluated] = []] = await engine.evaluate('acme', [{ expression, shared: {}, own }]);
        // Of what is shared only what is named has crossed.
        const shared = { expression, shared: { item }, own: [{}] };
        const [[other] = []] = await engine.evaluate('acme', [shared]);
        expect(other).toEqual(evaluated);
        if (evaluated?.ok) expect(looked).toEqual(evaluated);
        else {
          expect(evaluated).toMatchObject({ failure: 'MISSING' });
          expect(looked).toMatchObject({ ok: false, description: expect.stringContaining('No such key') });
        }
      }),
    );
  });
});
