import type { JsonObject } from '@bufbuild/protobuf';
import { createClient } from '@reeve/sdk';
import { WorkflowEventType, WorkflowNodeState, WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { workflowWorld } from '../support/workflow-world.js';

const { method } = WorkflowService;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const setup = () => workflowWorld(coordinator.address);

const task = (taskId: string, more: JsonObject = {}): JsonObject => ({ taskId, kind: 'k', ...more });
const group = (groupId: string, tasks: JsonObject[], more: JsonObject = {}): JsonObject => ({
  groupId,
  tasks,
  ...more,
});
const spec = (groups: JsonObject[], more: JsonObject = {}): JsonObject => ({ groups, ...more });

describe('ValidateWorkflow', () => {
  test.each<[string, JsonObject, string, string]>([
    [
      'an unknown dependency',
      spec([group('g', [task('a', { dependsOn: ['b'] })])]),
      'UNKNOWN_DEPENDENCY',
      'spec.groups[0].tasks[0].depends_on[0]',
    ],
    [
      'a cycle',
      spec([group('g', [task('a', { dependsOn: ['b'] }), task('b', { dependsOn: ['a'] })])]),
      'CYCLE',
      'spec.groups[0]',
    ],
    [
      'an id that is taken',
      spec([group('g', [task('a'), task('a')])]),
      'DUPLICATE_ID',
      'spec.groups[0].tasks[1].task_id',
    ],
    [
      'a condition that is none',
      spec([group('g', [task('a', { condition: 'context.' })])]),
      'BAD_EXPRESSION',
      'spec.groups[0].tasks[0].condition',
    ],
    [
      'a variable that there is not',
      spec([group('g', [task('a', { input: { x: '{{ nothing.y }}' } })])]),
      'UNKNOWN_VARIABLE',
      'spec.groups[0].tasks[0].input',
    ],
    [
      'a template that does not end',
      spec([group('g', [task('a', { instructions: 'a {{ b' })])]),
      'BAD_TEMPLATE',
      'spec.groups[0].tasks[0].instructions',
    ],
    [
      'too many items',
      spec(
        [
          group('g', [
            task('a', {
              settings: {
                expansion: {
                  type: 'EXPANSION_TYPE_ARRAY',
                  arrayMapping: [{ name: 'x', path: 'context.xs' }],
                  maxItems: 2,
                },
              },
            }),
          ]),
        ],
        { context: { xs: [1, 2, 3] } },
      ),
      'TOO_MANY_ITEMS',
      'spec.groups[0].tasks[0]',
    ],
  ])('finds %s, names its place, and stores nothing', async (_, wrong, reason, field) => {
    const world = setup();
    const { valid, problems } = await world.validate(wrong);
    expect(valid).toBe(false);
    expect(problems.map((problem) => problem.reason)).toContain(reason);
    const found = problems.find((problem) => problem.reason === reason);
    expect(found?.field.startsWith(field)).toBe(true);
    expect(found?.description).not.toBe('');
    const { info, fields } = detailsOf(await failureOf(world.start(wrong)));
    expect(info?.reason).toBe('WORKFLOW_INVALID');
    expect(fields).toContain(found?.field);
    const { workflows } = await world.grpc.call(method.listWorkflows, {}, world.meta);
    expect(workflows).toEqual([]);
  });

  test('says what would run, in which stages, and how much of it is known', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const { valid, problems, warnings, plan, stages } = await world.validate(
      spec(
        [
          group('one', [
            task('a'),
            task('each', {
              settings: {
                expansion: {
                  type: 'EXPANSION_TYPE_ARRAY',
                  arrayMapping: [{ name: 'x', path: 'context.xs' }],
                },
              },
            }),
          ]),
          group('two', [task('b', { dependsOn: ['one.a'] }), task('c', { dependsOn: ['b'] })]),
        ],
        { context: { xs: [1, 2, 3] } },
      ),
    );
    expect([valid, problems, warnings]).toEqual([true, [], []]);
    expect(plan.map(({ groupId, taskId }) => `${groupId} ${taskId}`.trim())).toEqual([
      'one',
      'one a',
      'one each',
      'two',
      'two b',
      'two c',
    ]);
    expect(plan.map(({ totalCount }) => Number(totalCount)).slice(1, 3)).toEqual([1, 3]);
    expect(plan[4]?.waitsFor).toEqual(['one.a']);
    expect(plan.every(({ state }) => state === WorkflowNodeState.WAITING)).toBe(true);
    expect(stages.map(({ nodes }) => nodes)).toEqual([['one.a', 'one.each'], ['two.b'], ['two.c']]);
  });

  test('warns of what may be wrong as things are', async () => {
    const world = setup();
    await world.client.jobKinds.put({
      kind: 'report',
      requiredFields: ['labels.team', 'deadline'],
      inputSchema: { type: 'object', required: ['url'] },
    });
    await world.agent({ report: () => 1 });
    const { valid, warnings } = await world.validate(
      spec(
        [
          group('g', [
            task('a', { kind: 'nobody-does', settings: { policies: { approval: 'gone' } } }),
            task('b', { kind: 'report', input: { page: 1 } }),
            task('c', {
              kind: 'report',
              input: { url: '{{ context.url }}' },
              labels: { team: 'x' },
              settings: { timeout: '60s' },
            }),
          ]),
        ],
        { context: { url: 'http://example.test' } },
      ),
    );
    expect(valid).toBe(true);
    expect(warnings.map(({ field, reason }) => [reason, field])).toEqual([
      ['UNKNOWN_POLICY', 'spec.groups[0].tasks[0].settings.policies.approval'],
      ['JOB_INVALID', 'spec.groups[0].tasks[1]'],
      ['JOB_INVALID', 'spec.groups[0].tasks[1]'],
      ['JOB_INVALID', 'spec.groups[0].tasks[1].input'],
      ['NO_AGENT', 'spec.groups[0].tasks[0].kind'],
    ]);
  });

  test('warns of an expansion in an input, which documents may have, and so does a start', async () => {
    const world = setup();
    await world.agent({ k: (input) => input });
    const input = { items: [1, 2], expansion_config: { type: 'array', array_mapping: { x: 'items' } } };
    const ancestor = spec([group('g', [task('a', { input }), task('b', { input: { items: [1] } })])]);
    const { valid, warnings } = await world.validate(ancestor);
    expect([valid, warnings.map(({ field, reason }) => [reason, field])]).toEqual([
      true,
      [['EXPANSION_IN_INPUT', 'spec.groups[0].tasks[0].input.expansion_config']],
    ]);
    const { notes, workflow } = await world.startFully(ancestor);
    expect(notes).toEqual([
      expect.stringMatching(
        /^spec\.groups\[0\]\.tasks\[0\]\.input\.expansion_config: .* settings\.expansion$/,
      ),
    ]);
    const workflowId = workflow?.workflowId ?? '';
    await world.ended(workflowId);
    expect(await world.context(workflowId, 'outputs.g.a')).toEqual(input);
  });

  test('warns of items that are called the same; the results of all are there', async () => {
    const world = setup();
    await world.agent({ k: (input) => input });
    const expansion = {
      type: 'EXPANSION_TYPE_ARRAY',
      arrayMapping: [{ name: 'x', path: 'context.xs' }],
      itemIdentifier: 'x.name',
    };
    const xs = ['EU', 'US', 'EU', 'EU', 'US'].map((name, n) => ({ name, n }));
    const twice = spec([group('g', [task('each', { settings: { expansion } })])], { context: { xs } });
    const words =
      'items 1 and 3 are both called "EU", and another name is taken more than once; in results their sequence_num tells them apart';
    const { valid, warnings } = await world.validate(twice);
    expect([valid, warnings]).toMatchObject([
      true,
      [
        {
          reason: 'REPEATED_IDENTIFIER',
          field: 'spec.groups[0].tasks[0].expansion.item_identifier',
          description: words,
        },
      ],
    ]);
    const workflowId = await world.start(twice);
    await world.ended(workflowId);
    const expanded = (await world.events(workflowId)).find(
      ({ type }) => type === WorkflowEventType.NODE_EXPANDED,
    );
    expect(expanded?.reason).toBe(`REPEATED_IDENTIFIER: ${words}`);
    const { task_results: results } = (await world.context(workflowId, 'outputs.g.each')) as JsonObject;
    expect(results).toMatchObject(
      xs.map((x, i) => ({ sequence_num: i + 1, identifier: x.name, output: { x } })),
    );
    const unique = { ...expansion, itemIdentifier: 'x.n' };
    const fine = spec([group('g', [task('each', { settings: { expansion: unique } })])], { context: { xs } });
    expect((await world.validate(fine)).warnings).toEqual([]);
  });

  test('refuses a context that nothing could be written to', async () => {
    const context = Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`k${n}`, n]));
    const { valid, problems } = await setup().validate(spec([group('g', [task('a')])], { context }));
    expect([valid, problems]).toMatchObject([
      false,
      [{ field: 'spec.context', reason: 'TOO_LARGE', description: expect.stringContaining('10000 paths') }],
    ]);
  });

  test('refuses a spec whose fields break a rule before it looks at it', async () => {
    const { fields } = detailsOf(await failureOf(setup().validate(spec([group('no name', [])]))));
    expect(fields).toEqual(['spec.groups[0].group_id', 'spec.groups[0].tasks']);
  });

  test('counts no further than the organisation may expand', async () => {
    const world = setup();
    const admin = createClient({ address: coordinator.address, org: world.org });
    onTestFinished(() => admin.close());
    await admin.config.set('workflow_max_items', 2);
    const { problems } = await world.validate(
      spec(
        [
          group('g', [
            task('a', {
              settings: {
                expansion: {
                  type: 'EXPANSION_TYPE_ARRAY',
                  arrayMapping: [{ name: 'x', path: 'context.xs' }],
                },
              },
            }),
          ]),
        ],
        { context: { xs: [1, 2, 3] } },
      ),
    );
    expect(problems.map(({ reason }) => reason)).toEqual(['TOO_MANY_ITEMS']);
  });
});
