import { expect, test } from 'vitest';
import { createChecker } from '../../src/api/constraints/checker.js';
import { createSpecWriter } from '../../src/api/mapping/task-draft.js';
import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { Item } from '../../src/domain/workflows/expansion/items.js';
import type { TemplateSpec } from '../../src/domain/workflows/spec.js';
import type { ContextAnswers, ContextQuery, LookingUp } from '../../src/ports/context-provider.js';
import { NO_ORG_RULES } from '../../src/ports/org-rules.js';
import type { Ports } from '../../src/usecases/ports.js';
import { lookUp } from '../../src/usecases/workflows/look-up.js';
import { type Making, makeTasks } from '../../src/usecases/workflows/make-tasks.js';
import { group, planOf, task } from '../domain/workflows/specs.js';
import { WITH_PROVIDER } from '../simulation/found-contexts.js';
import { PLAIN_EXPRESSIONS } from '../simulation/plain-expressions.js';

const rules = { defaultRetry: DEFAULT_RETRY, maxPayloadBytes: 100_000 };
const specWriter = createSpecWriter(createChecker(), rules);

interface World {
  readonly task?: Partial<TemplateSpec>;
  readonly context?: JsonObject;
  readonly items?: readonly Item[] | null;
  readonly answer?: (queries: readonly ContextQuery[]) => ContextAnswers;
  readonly orgRules?: typeof NO_ORG_RULES;
}

/** Makes the tasks of a node that looks things up, against a provider that is written here. */
async function setup({ task: said = {}, context = {}, items = null, ...world }: World) {
  const asked: (LookingUp & { readonly queries: readonly ContextQuery[] })[] = [];
  const plan = planOf([group('g', [task('t', said)])]);
  const node = plan.nodes[1];
  if (node?.kind !== 'TASK') throw new Error('there is no task');
  const making: Making = {
    workflow: {
      org: 'org',
      name: 'w',
      workflowId: '018bcfe5-6800-7000-8000-000000000001',
      submitterSubjectId: '',
    },
    spec: { source: 'AUTOMATED', jobSpaceId: '' },
    node,
    state: { run: 1, total: items?.length ?? 1 },
    startTime: 1_700_000_000_000,
    scope: { context, params: {}, results: {}, now: 0 },
  };
  const ports = {
    ports: { expressions: PLAIN_EXPRESSIONS, orgRules: world.orgRules ?? WITH_PROVIDER } as Ports,
    specWriter,
    contexts: {
      async query(_: unknown, asker: LookingUp, queries: readonly ContextQuery[]): Promise<ContextAnswers> {
        asked.push({ ...asker, queries });
        const plain = { ok: true, values: queries.map(({ query }) => ({ found: query })) } as const;
        return world.answer?.(queries) ?? plain;
      },
      stop() {},
    },
  };
  const found = await lookUp(ports)(making, items);
  /** The first task as it is submitted. */
  async function body(): Promise<string> {
    const made = await makeTasks(ports)(making, items, 1_000_000, found.ok ? found.values : []);
    if (!made.ok) throw new Error(made.reason);
    return Buffer.from(made.tasks[0]?.spec.body ?? []).toString();
  }
  return { asked, found, body };
}

const item = (number: number, data: JsonObject): Item => ({
  ...{ item: number, identifier: String(number), data, elements: {}, sources: [] },
});

test('what templates name is asked, and nothing else', async () => {
  const lookups = { similar: { text: '{{ context.topic }}', most: 3 }, other: 'x', third: 'y' };
  const input = { texts: '{{ lookups.similar.found.text }}' };
  const messageTemplate = 'see {{ lookups.third.found }}';
  const { asked, found, body } = await setup({
    task: { lookups, input, messageTemplate },
    context: { topic: 'tea' },
  });
  expect(asked).toEqual([
    {
      workflowId: '018bcfe5-6800-7000-8000-000000000001',
      workflowName: 'w',
      node: 'g.t',
      queries: [
        { name: 'similar', query: { text: 'tea', most: 3 } },
        { name: 'third', query: 'y' },
      ],
    },
  ]);
  expect(found).toEqual({
    ok: true,
    values: [{ similar: { found: { text: 'tea', most: 3 } }, third: { found: 'y' } }],
  });
  expect(await body()).toContain('{"texts":"tea"}');
});

test('a task that names none asks nobody, and needs no provider', async () => {
  const { asked, found } = await setup({
    task: { lookups: { similar: 'x' }, input: 'plain' },
    orgRules: NO_ORG_RULES,
  });
  expect([asked, found]).toEqual([[], { ok: true, values: [] }]);
});

test('of items that ask the same one is asked for, and each gets its answer', async () => {
  const items = ['a', 'b', 'a', 'c', 'b'].map((word, i) => item(i + 1, { word }));
  const { asked, found } = await setup({
    task: { lookups: { like: '{{ item.word }}' }, input: '{{ lookups.like }}' },
    items,
  });
  expect(asked.map(({ queries }) => queries.map(({ query }) => query))).toEqual([['a', 'b', 'c']]);
  const values = ['a', 'b', 'a', 'c', 'b'].map((word) => ({ like: { found: word } }));
  expect(found).toEqual({ ok: true, values });
});

test('the same query of two look-ups is two, as a provider may answer by their name', async () => {
  const { asked } = await setup({
    task: { lookups: { here: 'x', there: 'x' }, input: ['{{ lookups.here }}', '{{ lookups.there }}'] },
  });
  expect(asked[0]?.queries.map(({ name }) => name)).toEqual(['here', 'there']);
});

test('null is an answer, for which defaults stand', async () => {
  const { body } = await setup({
    task: { lookups: { none: 'x' }, input: { got: '{{ lookups.none | context.word }}' } },
    context: { word: 'nothing' },
    answer: () => ({ ok: true, values: [null] }),
  });
  expect(await body()).toContain('{"got":"nothing"}');
});

const deep = (levels: number): JsonValue => (levels === 0 ? 1 : [deep(levels - 1)]);

test.each<[string, World, RegExp]>([
  [
    'has no answer',
    {
      task: { lookups: { one: 'x', two: 'y' }, input: ['{{ lookups.one }}', '{{ lookups.two }}'] },
      answer: () => ({ ok: false, at: 1, failure: 'ERROR', message: 'the index is gone' }),
    },
    /^LOOKUP_FAILED: lookups\.two: the index is gone$/,
  ],
  [
    'has no answer for an item',
    {
      task: { lookups: { one: '{{ item.x }}' }, input: '{{ lookups.one }}' },
      items: [item(501, { x: 1 }), item(502, { x: 2 })],
      answer: () => ({ ok: false, at: 1, failure: 'ERROR', message: 'no' }),
    },
    /^LOOKUP_FAILED: lookups\.one, of item 502: no$/,
  ],
  [
    'has no provider',
    { task: { lookups: { one: 'x' }, input: '{{ lookups.one }}' }, orgRules: NO_ORG_RULES },
    /^LOOKUP_FAILED: lookups\.one: the organisation has no context provider \(parameter context_provider_address\)$/,
  ],
  [
    'cannot be filled',
    { task: { lookups: { one: { text: '{{ context.none }}' } }, input: '{{ lookups.one }}' } },
    /^TEMPLATE_FAILED: lookups\.one\.text: \{\{ context\.none \}\}: /,
  ],
  [
    'cannot be filled for an item',
    {
      task: { lookups: { one: '{{ item.none }}' }, input: '{{ lookups.one }}' },
      items: [item(1, { none: 1 }), item(2, {})],
    },
    /^TEMPLATE_FAILED: item 2: lookups\.one: /,
  ],
  [
    'is too long',
    {
      task: { lookups: { one: '{{ context.long }}' }, input: '{{ lookups.one }}' },
      context: { long: 'x'.repeat(300_000) },
    },
    /^LOOKUP_FAILED: lookups\.one: the query must have at most 262144 bytes as JSON, not 300002$/,
  ],
  [
    'is too deep',
    {
      task: { lookups: { one: '{{ context.deep }}' }, input: '{{ lookups.one }}' },
      context: { deep: deep(33) },
    },
    /^LOOKUP_FAILED: lookups\.one: the query must not be nested deeper than 32$/,
  ],
  [
    'is too much for all items together',
    {
      task: { lookups: { one: ['{{ item.n }}', '{{ context.long }}'] }, input: '{{ lookups.one }}' },
      context: { long: 'x'.repeat(250_000) },
      items: Array.from({ length: 200 }, (_, n) => item(n + 1, { n })),
    },
    /^LOOKUP_FAILED: lookups\.one, of item 68: all queries .* at most 16777216 bytes as JSON$/,
  ],
])('a query that %s leaves no task to be made, and says so', async (_, world, reason) => {
  const { found } = await setup(world);
  expect(found).toEqual({ ok: false, reason: expect.stringMatching(reason) });
});
