import { afterAll, describe, expect, it } from 'vitest';
import { withArrayDependencies } from '../../../src/domain/workflows/array-dependencies.js';
import { WHERE_LOOKUPS_ARE } from '../../../src/domain/workflows/check-lookups.js';
import { lookupsNamedIn } from '../../../src/domain/workflows/lookups.js';
import type { GroupSpec, TemplateSpec, WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { checkTemplates } from '../../../src/usecases/workflows/check-templates.js';
import { startExpressionEngine } from '../../support/cel-engine.js';
import { group, planOf, task, workflow } from '../workflows/specs.js';
import { expanding } from './expansions.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

async function check(groups: readonly GroupSpec[], said: Partial<WorkflowSpec> = {}) {
  const { plan, problems } = withArrayDependencies(planOf(groups, said), workflow(groups, said));
  if (!plan) throw new Error(JSON.stringify(problems));
  const { problems: wrong, warnings } = await checkTemplates(engine, plan, workflow(groups, said));
  return { plan, problems: wrong, warnings };
}

/** Of one task that looks up `similar` and `other`. */
const checkTask = (said: Partial<TemplateSpec>) =>
  check([group('g', [task('t', { lookups: { similar: 'a', other: 'b' }, ...said })])], {
    context: { users: [] },
  });

const ALL = '{{ lookups.similar[0].title }} {{ lookups["other"] }}';

describe('templates may name what their task looks up', () => {
  it.each<[string, Partial<TemplateSpec>]>([
    ['in its input', { input: { a: [ALL] } }],
    ['in its instructions', { instructions: ALL }],
    ['in its message', { messageTemplate: ALL }],
    ['in its files', { files: [ALL] }],
    ['all at once', { input: '{{ lookups }}' }],
    ['in a default', { input: '{{ context.users | lookups.similar }}', instructions: '{{ lookups.other }}' }],
    ['beside an item', { input: '{{ item.user }} {{ lookups.map(name, name) }}', settings: expanding() }],
  ])('%s', async (_, said) => {
    expect(await checkTask(said)).toMatchObject({ problems: [], warnings: [] });
  });

  it.each<[string, Partial<TemplateSpec>, string]>([
    ['a condition', { condition: 'lookups.similar' }, 'condition'],
    ['validate', { validate: 'lookups.similar' }, 'validate'],
    ['a query', { lookups: { similar: '{{ lookups.other }}', other: 1 } }, 'lookups.similar'],
    [
      'a query, with a default',
      { lookups: { similar: '{{ lookups.other | 1 }}', other: 1 } },
      'lookups.similar',
    ],
    [
      'what it expands over',
      {
        input: { users: '{{ lookups.similar }}' },
        settings: expanding({ arrayMapping: [{ name: 'user', path: 'users' }] }),
      },
      'input.users',
    ],
    [
      'an expansion',
      { settings: expanding({ itemIdentifier: 'lookups.similar + item.user' }) },
      'settings.expansion.item_identifier',
    ],
    ['a task that looks nothing up', { lookups: {}, input: { a: '{{ lookups.similar }}' } }, 'input.a'],
  ])('but not in %s', async (_, said, field) => {
    const { problems } = await checkTask({ input: ALL, ...said });
    expect(problems).toEqual([
      {
        field: `spec.groups[0].tasks[0].${field}`,
        reason: 'UNKNOWN_VARIABLE',
        description: expect.stringContaining(WHERE_LOOKUPS_ARE),
      },
    ]);
  });

  it('nor in the instructions of its group', async () => {
    const groups = [
      group('g', [task('t', { lookups: { a: 1 }, input: '{{ lookups.a }}' })], {
        instructions: '{{ lookups.a }}',
      }),
    ];
    expect((await check(groups)).problems).toMatchObject([
      { field: 'spec.groups[0].instructions', reason: 'UNKNOWN_VARIABLE' },
    ]);
  });

  it.each([
    ['{{ lookups.simlar }}', 'lookups.simlar: there is no look-up simlar; did you mean similar?'],
    ['{{ lookups.simlar | "none" }}', 'did you mean similar?'],
    ['{{ lookups["zzz"].x }}', 'lookups.zzz: there is no look-up zzz'],
  ])('and not what it does not look up: %s', async (message, words) => {
    const { problems } = await checkTask({ messageTemplate: message, input: ALL });
    expect(problems).toEqual([
      {
        field: 'spec.groups[0].tasks[0].message_template',
        reason: 'UNKNOWN_VARIABLE',
        description: expect.stringContaining(words),
      },
    ]);
  });
});

describe('queries are templates like others', () => {
  it('their results are waited for', async () => {
    const lookups = { near: { to: ['{{ results.a.x.place }}'] } };
    const { plan, problems } = await check([
      group('a', ['x']),
      group('b', [task('y', { lookups, input: '{{ lookups.near }}' })]),
    ]);
    expect(problems).toEqual([]);
    expect(plan.nodes.find(({ address }) => address === 'b.y')?.waitsFor).toEqual([1]);
  });

  it.each<[string, Partial<TemplateSpec>, string, string, string]>([
    [
      'a template that does not end',
      { lookups: { a: { b: '{{ params' } } },
      'lookups.a.b',
      'BAD_TEMPLATE',
      'it lacks }}',
    ],
    ['CEL that is none', { lookups: { a: ['{{ 1 + }}'] } }, 'lookups.a[0]', 'BAD_EXPRESSION', 'line 1'],
    [
      'a name that is not there',
      { lookups: { a: '{{ parms.x }}' } },
      'lookups.a',
      'UNKNOWN_VARIABLE',
      'did you mean params?',
    ],
    [
      'a parameter that is not there',
      { lookups: { a: '{{ params.x }}' } },
      'lookups.a',
      'UNKNOWN_VARIABLE',
      'no parameter x',
    ],
    [
      'an item of a task that has none',
      { lookups: { a: '{{ item.x }}' } },
      'lookups.a',
      'UNKNOWN_VARIABLE',
      'item',
    ],
  ])('%s is told', async (_, said, field, reason, words) => {
    const { problems } = await checkTask({ input: '{{ lookups.a }}', ...said });
    expect(problems).toEqual([
      { field: `spec.groups[0].tasks[0].${field}`, reason, description: expect.stringContaining(words) },
    ]);
  });
});

it('a look-up that no template names is told, as it is not asked', async () => {
  const { problems, warnings } = await checkTask({ input: '{{ lookups.other }} "lookups.similar"' });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    {
      field: 'spec.groups[0].tasks[0].lookups.similar',
      reason: 'UNUSED_LOOKUP',
      description: 'no template of g.t names lookups.similar; it is not asked',
    },
  ]);
});

it('those are asked that templates name, or all where it does not show', () => {
  const lookups = { a: 1, b: 2, c: 3 };
  expect(lookupsNamedIn({ x: ['{{ lookups.a }}', '{{ 1 | lookups.c[0].d }}'] }, lookups)).toEqual({
    a: 1,
    c: 3,
  });
  expect(lookupsNamedIn('{{ lookups[params.which] }}', lookups)).toEqual(lookups);
  expect(lookupsNamedIn('lookups.a {{ context.lookups.b }} {{ "lookups.c" }}', lookups)).toEqual({});
});
