import { toJson } from '@bufbuild/protobuf';
import { readWorkflow, traceWorkflow, WorkflowDocumentError, workflow } from '@reeve/sdk';
import { WorkflowSpecSchema } from '@reeve/sdk/protocol';
import { describe, expect, it, test } from 'vitest';

const json = (document: unknown) => toJson(WorkflowSpecSchema, readWorkflow(document));
const group = (task: object, more: object = {}) => ({
  groups: [{ id: 'g', ...more, tasks: [{ id: 't', kind: 'k', ...task }] }],
});
const taskOf = (task: object) => readWorkflow(group(task)).groups[0]?.tasks[0];

/** What is said to be wrong, a line for each place. */
function faults(document: unknown): string[] {
  try {
    readWorkflow(document);
  } catch (error) {
    if (error instanceof WorkflowDocumentError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a workflow document', () => {
  it('says the same in snake_case, in camelCase and as the message has it', () => {
    const wanted = {
      name: 'nightly',
      timeout: '7200s',
      groups: [
        {
          groupId: 'collect',
          dependsOn: ['before'],
          tasks: [
            {
              taskId: 'fetch',
              kind: 'page.fetch',
              resultKey: 'pages',
              settings: {
                onFailure: 'ON_FAILURE_CONTINUE',
                attemptTimeout: '1.500s',
                tier: 'TIER_HIGH',
                expansion: {
                  type: 'EXPANSION_TYPE_ARRAY',
                  arrayMapping: [{ name: 'page', path: 'context.pages' }],
                  outputFormat: 'OUTPUT_FORMAT_MERGE',
                  mergeStrategy: 'MERGE_STRATEGY_DEEP',
                },
              },
            },
          ],
        },
      ],
    };
    const snake = {
      name: 'nightly',
      timeout: '2h',
      groups: [
        {
          id: 'collect',
          depends_on: 'before',
          tasks: [
            {
              id: 'fetch',
              kind: 'page.fetch',
              result_key: 'pages',
              on_failure: 'continue',
              attempt_timeout: '1500ms',
              tier: 'high',
              expansion: {
                type: 'array',
                array_mapping: { page: 'context.pages' },
                output_format: 'merge',
                merge_strategy: 'deep',
              },
            },
          ],
        },
      ],
    };
    const camel = workflow('nightly')
      .with({ timeout: '1h60m' })
      .group('collect', { dependsOn: ['before'] }, (g) =>
        g.task('fetch', {
          kind: 'page.fetch',
          resultKey: 'pages',
          onFailure: 'continue',
          attemptTimeout: '1.5s',
          tier: 'HIGH',
          expand: { array: { page: 'context.pages' }, outputFormat: 'merge', mergeStrategy: 'deep' },
        }),
      );
    expect(json(snake)).toEqual(wanted);
    expect(json(camel.document())).toEqual(wanted);
    expect(json(wanted)).toEqual(wanted);
  });

  it('puts settings that stand on a task, a group or the workflow where they belong', () => {
    const spec = readWorkflow({
      tier: 'low',
      retry: { max_retries: 2, delays: ['1s', '5s'] },
      ...group(
        { capabilities: ['gpu'], settings: { requirements: { region: 'eu' } }, timeout: '1m' },
        { timeout: '5m', on_failure: 'escalate', defaults: { timeout: '2m' } },
      ),
    });
    expect(spec.defaults?.tier).toBe(5);
    expect(spec.defaults?.retry?.maxAttempts).toBe(3);
    expect(spec.defaults?.retry?.delays.map(({ seconds }) => seconds)).toEqual([1n, 5n]);
    const [first] = spec.groups;
    expect(first?.timeout?.seconds).toBe(300n);
    expect(first?.defaults?.timeout?.seconds).toBe(120n);
    expect(first?.defaults?.onFailure).toBe(3);
    const settings = first?.tasks[0]?.settings;
    expect(settings?.timeout?.seconds).toBe(60n);
    expect(settings?.requirements).toMatchObject({ capabilities: ['gpu'], region: 'eu' });
  });

  it('keeps the order of array mappings, which settles the order of combinations', () => {
    const mapping = taskOf({ expand: { matrix: { row: 'rows', col: 'cols', area: 'areas' } } })?.settings
      ?.expansion?.arrayMapping;
    expect(mapping?.map(({ name, path }) => `${name}=${path}`)).toEqual([
      'row=rows',
      'col=cols',
      'area=areas',
    ]);
  });

  it.each([
    [
      {
        input_array: ['item1'],
        expansion_config: { type: 'array', array_mapping: { input: 'input_array' } },
      },
      { input_array: ['item1'] },
      { type: 1, arrayMapping: [{ name: 'input', path: 'input_array' }] },
    ],
    [
      { rows: ['A'], expansion_config: { type: 'matrix', array_mapping: { row: 'rows', col: 'cols' } } },
      { rows: ['A'] },
      { type: 2, arrayMapping: [{ name: 'row' }, { name: 'col' }] },
    ],
    [
      {
        data: { years: [2022] },
        expansionConfig: {
          type: 'custom',
          transform_rules: { combine: ['regions', 'metrics'], filter: { years: '>2021' } },
        },
      },
      { data: { years: [2022] } },
      { type: 3, transformRules: { combine: ['regions', 'metrics'], filter: { years: '>2021' } } },
    ],
  ])('takes an expansion out of the input %j', (input, left, expansion) => {
    const spec = readWorkflow(group({ input }));
    expect(spec.groups[0]?.tasks[0]?.settings?.expansion).toMatchObject(expansion);
    const written = toJson(WorkflowSpecSchema, spec) as { groups: { tasks: { input: unknown }[] }[] };
    expect(written.groups[0]?.tasks[0]?.input).toEqual(left);
  });

  it.each([
    ['a list', [1], 'the workflow: must be an object, not a list'],
    ['a key that is misspelt', { gruops: [] }, 'gruops: is not known of a workflow; did you mean groups?'],
    [
      'one of a task',
      group({ onfailure: 'continue' }),
      /^groups\[0\]\.tasks\[0\]\.onfailure: .* did you mean on_failure\?$/,
    ],
    [
      'one that nothing is like',
      group({ zzzzzz: 1 }),
      /^groups\[0\]\.tasks\[0\]\.zzzzzz: .*; there are task_id, name, kind/,
    ],
    [
      'a word of an enum',
      group({ on_failure: 'contiune' }),
      /one of fail_workflow, continue, escalate; did you mean continue\?$/,
    ],
    [
      'a time without a unit',
      group({ timeout: 30 }),
      /^groups\[0\]\.tasks\[0\]\.timeout: must be a time such as 500ms, .*, not 30$/,
    ],
    [
      'a number for a text',
      group({ kind: 7 }),
      'groups[0].tasks[0].kind: must be text, not 7; put it in quotes',
    ],
    ['an object for a list', { groups: { a: {} } }, 'groups: must be a list, not an object'],
    [
      'retries',
      group({ retry: { max_retries: -1 } }),
      /^groups\[0\]\.tasks\[0\]\.retry\.max_retries: must be a whole number/,
    ],
    [
      'the same thing twice',
      group({ expand: { array: { a: 'a' } }, expansion: { type: 'array' } }),
      /is said twice, also as expand$/,
    ],
    [
      'a number that JSON has not',
      group({ input: { n: Number.NaN } }),
      'groups[0].tasks[0].input.n: must be a finite number, not NaN',
    ],
    [
      'a Date',
      group({ input: { at: new Date(0) } }),
      'groups[0].tasks[0].input.at: must be what JSON has, not an object',
    ],
  ])('names the place of %s', (_, document, fault) => {
    const [first, ...more] = faults(document);
    expect(first).toEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault));
    expect(more).toEqual([]);
  });

  it('names all places at once', () => {
    expect(faults({ nmae: 'x', groups: [{ id: 1, tasks: [{ knd: 'k' }] }] })).toHaveLength(3);
  });

  it('that holds itself is refused, as is one that nests without end', () => {
    const input: { self?: unknown } = {};
    input.self = input;
    expect(faults(group({ input }))[0]).toContain('nests deeper than 64 levels');
  });

  it('takes look-ups by name, each with any JSON, from a file and from a program', () => {
    const lookups = { similar: { text: '{{ item.page }}', most: 3 }, owner: 'a', none: null };
    const spec = group({ lookups, instructions: '{{ lookups.similar }}' });
    expect(json(spec)).toMatchObject({ groups: [{ tasks: [{ taskId: 't', lookups }] }] });
    const built = workflow('').group('g', (tasks) =>
      tasks.task('t', { kind: 'k', lookups, instructions: '{{ lookups.similar }}' }),
    );
    expect(built.spec()).toEqual(readWorkflow({ name: '', ...spec }));
    expect(faults(group({ lookups: ['similar'] }))).toEqual([
      expect.stringMatching(/lookups.*must be an object, not a list/),
    ]);
  });

  it('takes nothing for a value that is left empty, but null in an input', () => {
    const spec = readWorkflow(group({ depends_on: null, input: null, tier: null, lookups: null }));
    expect(spec.groups[0]?.tasks[0]).toMatchObject({ dependsOn: [], input: { kind: { case: 'nullValue' } } });
  });
});

test('what a coordinator names is found in the document, or what is nearest around it', () => {
  const { placeOf } = traceWorkflow({
    labels: { 'a.b': 'c' },
    groups: [
      { id: 'a', tasks: [{ id: 't', kind: 'k' }] },
      {
        id: 'b',
        depends_on: 'a',
        tasks: [
          {
            id: 't',
            kind: 'k',
            lookups: { near: { to: ['{{ y }}'] } },
            input: { x: '{{ y }}', expansion_config: { array: { one: 'ones', two: 'twos' } } },
          },
        ],
      },
    ],
  });
  const task = ['groups', 1, 'tasks', 0];
  expect(placeOf('spec.groups[1].group_id')).toEqual(['groups', 1, 'id']);
  expect(placeOf('spec.groups[1].depends_on[0]')).toEqual(['groups', 1, 'depends_on']);
  expect(placeOf('spec.groups[1].tasks[0].settings.expansion.array_mapping[1].path')).toEqual([
    ...task,
    ...['input', 'expansion_config', 'array', 'two'],
  ]);
  expect(placeOf('spec.groups[1].tasks[0].input["x"]')).toEqual([...task, 'input', 'x']);
  expect(placeOf('spec.groups[1].tasks[0].input.y[2].z')).toEqual([...task, 'input', 'y', 2, 'z']);
  expect(placeOf('spec.groups[1].tasks[0].settings.tier')).toEqual(task);
  expect(placeOf('spec.groups[1].tasks[0].lookups.near.to[0]')).toEqual([
    ...task,
    'lookups',
    'near',
    'to',
    0,
  ]);
  expect(placeOf('spec.groups[1].tasks[0].lookups["near"]')).toEqual([...task, 'lookups', 'near']);
  expect(placeOf('spec.labels["a.b"]')).toEqual(['labels', 'a.b']);
  expect(placeOf('spec.nothing')).toEqual([]);
  for (const odd of ['???[', '', 'a["\\', 'spec["\\x"]']) expect(placeOf(odd)).toEqual([]);
});
