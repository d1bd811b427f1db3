import { afterAll, describe, expect, it } from 'vitest';
import { withArrayDependencies } from '../../../src/domain/workflows/array-dependencies.js';
import type { GroupSpec, TemplateSpec, WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { checkTemplates } from '../../../src/usecases/workflows/check-templates.js';
import { startExpressionEngine } from '../../support/cel-engine.js';
import { group, NOTHING_SAID, planOf, task, workflow } from '../workflows/specs.js';
import { expanding } from './expansions.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

async function check(groups: readonly GroupSpec[], said: Partial<WorkflowSpec> = {}) {
  const spec = workflow(groups, said);
  const { plan, problems } = withArrayDependencies(planOf(groups, said), spec);
  if (!plan) throw new Error(JSON.stringify(problems));
  return checkTemplates(engine, plan, spec);
}

/** Of one task in a group `b`, after one `a.x`. */
function checkTask(said: Partial<TemplateSpec>, spec: Partial<WorkflowSpec> = {}) {
  return check([group('a', ['x']), group('b', [task('y', said)])], { params: { limit: 3 }, ...spec });
}

describe('what is wrong with the texts of a workflow', () => {
  it.each<[string, Partial<TemplateSpec>]>([
    [
      'all that there is',
      { input: '{{ context.user.id }} {{ results.a.x }} {{ results.x }} {{ params.limit }} {{ now }}' },
    ],
    ['items where it expands', { input: '{{ item.user.name }}', settings: expanding() }],
    ['what may be missing', { input: '{{ item.user | "nobody" }} {{ params.more | 3 }}' }],
    [
      'what is asked for first',
      { condition: 'has(params.more) ? params.more > 1 : "x" in params && params.x' },
    ],
    ['a result that is validated', { validate: 'result.score > params.limit' }],
    [
      'a reducer',
      {
        settings: expanding({
          outputFormat: 'MERGE',
          mergeStrategy: 'REDUCE',
          reducer: 'results.map(r, r.x)',
        }),
      },
    ],
    ['braces that are none', { input: { a: '{ {x} }}', b: '{{ "{{" }}' } }],
  ])('is nothing: %s', async (_what, said) => {
    expect(await checkTask(said, { context: { users: [] } })).toEqual({ problems: [], warnings: [] });
  });

  it.each<[string, Partial<TemplateSpec>, string, string, string]>([
    ['an open template', { input: { a: ['x {{ context.y'] } }, 'input.a[0]', 'BAD_TEMPLATE', 'it lacks }}'],
    ['an empty one', { files: ['ok', '{{ }}'] }, 'files[1]', 'BAD_TEMPLATE', 'no expression'],
    [
      'syntax',
      { messageTemplate: 'Hi {{ context. }}' },
      'message_template',
      'BAD_EXPRESSION',
      '{{ context. }}: line 1, column 9',
    ],
    ['a type', { condition: '1 + "a" > 2' }, 'condition', 'BAD_EXPRESSION', 'line 1, column 1'],
    [
      'an unknown variable',
      { instructions: '{{ contxt.user }}' },
      'instructions',
      'UNKNOWN_VARIABLE',
      '{{ contxt.user }}: line 1, column 1: unknown variable contxt; did you mean context?',
    ],
    [
      'an unknown variable in a default',
      { input: '{{ context.user | usr }}' },
      'input',
      'UNKNOWN_VARIABLE',
      'unknown variable usr',
    ],
    [
      'an item of what does not expand',
      { input: '{{ item.x }}' },
      'input',
      'UNKNOWN_VARIABLE',
      'unknown variable item',
    ],
    [
      'an item in a condition',
      { condition: 'item.x > 1', settings: expanding() },
      'condition',
      'UNKNOWN_VARIABLE',
      'unknown variable item',
    ],
    [
      'a result where there is none',
      { input: '{{ result }}' },
      'input',
      'UNKNOWN_VARIABLE',
      'did you mean results?',
    ],
    [
      'its own result',
      { validate: 'results.b.y.ok' },
      'validate',
      'UNKNOWN_VARIABLE',
      'b.y has no result before it has ended',
    ],
    [
      'an unknown group',
      { input: '{{ results.c.x.n | 1 }}' },
      'input',
      'UNKNOWN_VARIABLE',
      'results.c.x: there is no group or task c',
    ],
    [
      'an unknown task',
      { condition: 'results.a.z > 1' },
      'condition',
      'UNKNOWN_VARIABLE',
      'results.a.z: group a has no task z',
    ],
    [
      'an unknown parameter',
      { input: '{{ params.limt }}' },
      'input',
      'UNKNOWN_VARIABLE',
      '{{ params.limt }}: params.limt: there is no parameter limt; did you mean limit?',
    ],
    [
      'an unknown source',
      { settings: expanding({ arrayMapping: [{ name: 'u', path: 'params.users' }] }) },
      'settings.expansion.array_mapping',
      'UNKNOWN_VARIABLE',
      'there is no parameter users',
    ],
    [
      'a reducer of items',
      { settings: expanding({ outputFormat: 'MERGE', mergeStrategy: 'REDUCE', reducer: 'item.x' }) },
      'settings.expansion.reducer',
      'UNKNOWN_VARIABLE',
      'unknown variable item',
    ],
    [
      'an expansion of nothing',
      { settings: expanding({ arrayMapping: [] }) },
      'settings.expansion.array_mapping',
      'BAD_EXPANSION',
      'ARRAY takes one array, not 0',
    ],
    [
      'a filter',
      {
        settings: expanding({
          type: 'CUSTOM',
          transformRules: {
            combine: ['context.users'],
            filter: { 'context.users': 'elment.age > 3' },
            fieldMappings: {},
            conditions: [],
            validation: [],
          },
        }),
      },
      'settings.expansion.transform_rules.filter["context.users"]',
      'UNKNOWN_VARIABLE',
      'did you mean element?',
    ],
  ])('is %s', async (_what, said, field, reason, description) => {
    const { problems } = await checkTask(said, { context: { users: [] } });
    expect(problems).toEqual([
      {
        field: `spec.groups[1].tasks[0].${field}`,
        reason,
        description: expect.stringContaining(description),
      },
    ]);
  });

  it('is told once of what tasks have from their group, or from all', async () => {
    const defaults = { ...NOTHING_SAID, expansion: expanding({ itemIdentifier: 'itm.id + 1' }).expansion };
    const instructions = 'For {{ usr.name }}';
    const { problems } = await check(
      [group('a', ['x', 'y'], { instructions, condition: 'a >' }), group('b', ['x'], { defaults })],
      { context: { users: [] } },
    );
    expect(problems.map(({ field, reason }) => [field, reason])).toEqual([
      ['spec.groups[0].condition', 'BAD_EXPRESSION'],
      ['spec.groups[0].instructions', 'UNKNOWN_VARIABLE'],
      ['spec.groups[1].defaults.expansion.item_identifier', 'UNKNOWN_VARIABLE'],
    ]);
  });

  it('may be a part of the context that nothing writes', async () => {
    const groups = [
      group('a', [task('x', { resultKey: 'summary.text' })]),
      group('b', [
        task('y', {
          input: {
            ok: '{{ context.summary.text }} {{ context.seed.x }} {{ context.user.name }} {{ context.other | 1 }}',
            odd: '{{ context.sead.x }}',
          },
        }),
      ]),
    ];
    const { problems, warnings } = await check(groups, { context: { seed: {} } });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      {
        field: 'spec.groups[1].tasks[0].input.odd',
        reason: 'UNKNOWN_VARIABLE',
        description:
          '{{ context.sead.x }}: context.sead: nothing that is known ahead writes it; did you mean seed?',
      },
    ]);
  });

  it('is a reference to what a plan does not wait for', async () => {
    const groups = [group('a', ['x']), group('b', [task('y', { input: '{{ results.a.x }}' })])];
    const { problems } = await checkTemplates(engine, planOf(groups), workflow(groups));
    expect(problems).toMatchObject([
      {
        reason: 'UNKNOWN_VARIABLE',
        description: '{{ results.a.x }}: results.a.x: b.y does not wait for a.x',
      },
    ]);
  });

  it('is that there is too much of it', async () => {
    const instructions = '{{ now }}'.repeat(200);
    const groups = [
      group(
        'a',
        Array.from({ length: 300 }, (_, n) => `t${n}`),
        { instructions },
      ),
    ];
    const { problems } = await checkTemplates(engine, planOf(groups), workflow(groups));
    expect(problems).toMatchObject([{ field: 'spec.groups', reason: 'TOO_LARGE' }]);
  });
});
