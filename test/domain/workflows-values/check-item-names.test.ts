import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.js';
import type { ExpansionSpec } from '../../../src/domain/workflows/expansion/spec.js';
import type { TemplateSpec } from '../../../src/domain/workflows/spec.js';
import { checkTemplates } from '../../../src/usecases/workflows/check-templates.js';
import { planOf as planWithReferences } from '../../../src/usecases/workflows/plan-of.js';
import { startExpressionEngine } from '../../support/cel-engine.js';
import { group, task, workflow } from '../workflows/specs.js';
import { expanding } from './expansions.js';

const { policies, expressions: engine } = startExpressionEngine();
afterAll(() => policies.stop());

const USERS = { users: [{ name: 'Ann', age: 41 }, { name: 'Bob' }] };
const RULES = { combine: [], filter: {}, fieldMappings: {}, conditions: [], validation: [] };

async function told(
  expansion: Partial<ExpansionSpec>,
  said: Partial<TemplateSpec>,
  context: JsonObject = USERS,
) {
  const spec = workflow(
    [group('a', ['x']), group('b', [task('y', { settings: expanding(expansion), ...said })])],
    { context },
  );
  const { plan, problems } = planWithReferences(spec);
  if (!plan) throw new Error(JSON.stringify(problems));
  const checked = await checkTemplates(engine, plan, spec);
  const text = ({ field, reason, description }: (typeof checked.problems)[number]) =>
    `${field.replace('spec.groups[1].tasks[0].', '')} ${reason} ${description}`;
  return { problems: checked.problems.map(text), warnings: checked.warnings.map(text) };
}

const NONE = { problems: [], warnings: [] };
const USER = { arrayMapping: [{ name: 'user', path: 'context.users' }] };
const MATRIX: Partial<ExpansionSpec> = {
  type: 'MATRIX',
  arrayMapping: [
    { name: 'row', path: 'rows' },
    { name: 'col', path: 'cols' },
  ],
};

describe('a name that no item can have', () => {
  it('is a problem that tells the one that was meant, or those that there are', async () => {
    expect(await told(USER, { input: 'Hi {{ item.usr.name }}', files: ['{{ item.colour }}'] })).toEqual({
      problems: [
        'input UNKNOWN_VARIABLE {{ item.usr.name }}: item.usr: no item has usr; did you mean user?',
        'files[0] UNKNOWN_VARIABLE {{ item.colour }}: item.colour: no item has colour; it has user, sequence_num, base_task_id, total_count, parent_context',
      ],
      warnings: [],
    });
  });

  it('is none of a matrix, whose names and combinations there are', async () => {
    const fine = '{{ item.row }} {{ item.col_values }} {{ item.combination[0] }} {{ item.total_count }}';
    expect(await told(MATRIX, { input: { rows: [1], cols: [2], fine } })).toEqual(NONE);
    const { problems } = await told(MATRIX, { input: { rows: [1], cols: [2], bad: '{{ item.rows }}' } });
    expect(problems).toEqual([
      'input.bad UNKNOWN_VARIABLE {{ item.rows }}: item.rows: no item has rows; did you mean row?',
    ]);
  });

  it('is one that a rule has taken away, or has not made yet', async () => {
    const rules = { mappingRules: { who: 'user.name', old: 'item.user.age > 40' } };
    const more = { arrayMapping: USER.arrayMapping, ...rules };
    expect(await told(more, { input: '{{ item.who }} {{ item.old }} {{ item.user.age }}' })).toEqual(NONE);
    const renamed = { ...USER, mappingRules: { person: 'user' } };
    expect((await told(renamed, { input: '{{ item.user }}' })).problems).toMatchObject([
      expect.stringContaining('item.user: no item has user'),
    ]);
    const early = { ...USER, mappingRules: { a: 'item.user.age + 1', b: 'item.a + 1' } };
    expect((await told(early, {})).problems).toMatchObject([
      expect.stringContaining('mapping_rules["b"] UNKNOWN_VARIABLE item.a: no item has a'),
    ]);
    const custom: Partial<ExpansionSpec> = {
      type: 'CUSTOM',
      arrayMapping: [],
      transformRules: {
        ...RULES,
        combine: ['users'],
        fieldMappings: { person: 'users' },
        conditions: ['item.users.age > 1'],
        validation: ['item.person.age > 1'],
      },
    };
    expect((await told(custom, {})).problems).toMatchObject([
      expect.stringContaining('transform_rules.conditions[0] UNKNOWN_VARIABLE item.users: no item has users'),
    ]);
  });

  it('may be asked for first, or have a default', async () => {
    const input = '{{ item.more | 1 }} {{ has(item.other) ? item.other : 2 }} {{ "x" in item && item.x }}';
    expect(await told(USER, { input })).toEqual(NONE);
  });
});

describe('a name that no element has', () => {
  it('is a warning, where its array is known', async () => {
    const input = '{{ item.user.name }} {{ item.user.age }} {{ item.user.nme }}';
    expect(await told(USER, { input })).toEqual({
      problems: [],
      warnings: [
        'input UNKNOWN_VARIABLE {{ item.user.nme }}: item.user.nme: no element has nme; did you mean name?',
      ],
    });
    const own = { users: [{ name: 'Ann' }], to: '{{ item.user.mail }}' };
    expect(
      (await told({ arrayMapping: [{ name: 'user', path: 'users' }] }, { input: own })).warnings,
    ).toEqual(['input.to UNKNOWN_VARIABLE {{ item.user.mail }}: item.user.mail: no element has mail']);
  });

  it('is told of what a rule has renamed, by what it was taken from', async () => {
    const renamed = { ...USER, mappingRules: { person: 'user' } };
    expect((await told(renamed, { input: '{{ item.person.nme }}' })).warnings).toMatchObject([
      expect.stringContaining('did you mean name?'),
    ]);
  });

  it('is not looked for where the array comes from a task, is a list of lists, or is empty', async () => {
    const input = '{{ item.user.nme }}';
    const found = { arrayMapping: [{ name: 'user', path: 'results.a.x.users' }] };
    expect(await told(found, { input })).toEqual(NONE);
    const written = { arrayMapping: [{ name: 'user', path: 'context.outputs.a.x' }] };
    expect(await told(written, { input }, { outputs: { a: { x: [{ name: 1 }] } } })).toEqual(NONE);
    expect(await told(USER, { input }, { users: [[{ nme: 1 }]] })).toEqual(NONE);
    expect(await told(USER, { input }, { users: [] })).toEqual(NONE);
    expect(await told(USER, { input: '{{ has(item.user.nme) && item.user.nme }}' })).toEqual(NONE);
  });
});
