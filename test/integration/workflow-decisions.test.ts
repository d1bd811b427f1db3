import type { JsonObject } from '@bufbuild/protobuf';
import { WorkflowEventType, WorkflowNodeState } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { openEmbedded } from '../support/embedded.js';
import { eventNames, nodesOf, stateOf, workflowWorld } from '../support/workflow-world.js';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const setup = () => workflowWorld(coordinator.address);

const ARRAY = (name: string, path: string, more: JsonObject = {}): JsonObject => ({
  expansion: { type: 'EXPANSION_TYPE_ARRAY', arrayMapping: [{ name, path }], ...more },
});

const two = (first: JsonObject, second: JsonObject): JsonObject => ({
  groups: [
    {
      groupId: 'g',
      tasks: [
        { taskId: 'a', kind: 'a', ...first },
        { taskId: 'b', kind: 'b', ...second },
      ],
    },
  ],
});

describe('what is decided while it runs', () => {
  test('a task whose condition is false is skipped, and what depends on it runs', async () => {
    const world = setup();
    await world.agent({ a: () => 1, b: () => 2 });
    const workflowId = await world.start({
      ...two({ condition: 'params.deep' }, { dependsOn: ['a'] }),
      params: { deep: false },
    });
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)]).toEqual([
      'SUCCEEDED',
      { g: 'SUCCEEDED', 'g.a': 'SKIPPED', 'g.b': 'SUCCEEDED' },
    ]);
    expect(ended.nodes[1]?.reason).toMatch(/^CONDITION/);
    expect(await world.context(workflowId, 'outputs.g')).toEqual({ b: 2 });
  });

  test('no items are an empty success', async () => {
    const world = setup();
    await world.agent({ a: () => 1, b: () => 2 });
    const workflowId = await world.start({
      ...two({ settings: ARRAY('x', 'context.none') }, { dependsOn: ['a'] }),
      context: { none: [] },
    });
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)['g.a']]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });

  test('with CONTINUE a workflow goes on without what failed, and is PARTIAL', async () => {
    const world = setup();
    await world.agent({
      a: (input) => {
        if ((input as JsonObject).n === 2) throw new Error('not this one');
        return { n: (input as JsonObject).n as number };
      },
      b: () => 'went on',
    });
    const workflowId = await world.start({
      ...two(
        {
          settings: {
            ...ARRAY('n', 'context.ns'),
            onFailure: 'ON_FAILURE_CONTINUE',
            retry: { maxAttempts: 1 },
          },
        },
        { dependsOn: ['a'] },
      ),
      context: { ns: [1, 2, 3] },
    });
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)]).toEqual([
      'PARTIAL',
      { g: 'PARTIAL', 'g.a': 'PARTIAL', 'g.b': 'SUCCEEDED' },
    ]);
    expect(ended.nodes[1]).toMatchObject({ succeededCount: 2n, failedCount: 1n });
    const outputs = JSON.stringify(await world.context(workflowId, 'outputs.g'));
    expect(outputs).toContain('not this one');
    expect(outputs).toContain('went on');
  });

  test('without, the first failure ends it: what is open is cancelled, what there is is kept', async () => {
    const world = setup();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await world.agent({
      a: async () => {
        throw new Error('broken');
      },
      b: async (input) => {
        if (input === 'slow') await held;
        return input;
      },
    });
    const workflowId = await world.start({
      groups: [
        {
          groupId: 'g',
          tasks: [
            { taskId: 'first', kind: 'b', input: 'quick' },
            { taskId: 'a', kind: 'a', dependsOn: ['first'], settings: { retry: { maxAttempts: 1 } } },
            { taskId: 'slow', kind: 'b', input: 'slow' },
            { taskId: 'never', kind: 'b', dependsOn: ['a'] },
          ],
        },
      ],
    });
    const ended = await world.ended(workflowId);
    release();
    expect(stateOf(ended)).toBe('FAILED');
    expect(ended.reason).toBe('TASK_FAILED: g.a: Error: broken');
    expect(nodesOf(ended)).toEqual({
      g: expect.any(String),
      'g.first': 'SUCCEEDED',
      'g.a': 'FAILED',
      'g.slow': 'CANCELLED',
      'g.never': 'CANCELLED',
    });
    expect(await world.context(workflowId, 'outputs.g.first')).toBe('quick');
    const states: string[] = [];
    for await (const { state } of world.client.list()) states.push(state);
    expect(states.sort()).toEqual(['CANCELLED', 'DEAD_LETTER', 'SUCCEEDED']);
  });

  test('a result that is not as it is to be has failed', async () => {
    const world = setup();
    await world.agent({ a: () => ({ score: 0.2 }), b: () => 1 });
    const workflowId = await world.start(two({ validate: 'result.score > 0.5' }, { dependsOn: ['a'] }));
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)['g.a']]).toEqual(['FAILED', 'FAILED']);
    expect(ended.nodes[1]?.reason).toMatch(/^RESULT_INVALID/);
  });

  test('with ESCALATE it waits until a person has retried the task', async () => {
    const world = setup();
    let broken = true;
    await world.agent({
      a: () => {
        if (broken) throw new Error('broken');
        return 'mended';
      },
      b: () => 1,
    });
    const settings = { onFailure: 'ON_FAILURE_ESCALATE', retry: { maxAttempts: 1 } };
    const workflowId = await world.start(two({ settings }, { dependsOn: ['a'] }));
    await expect
      .poll(async () => nodesOf(await world.get(workflowId))['g.a'], { timeout: 20_000 })
      .toBe('ESCALATED');
    broken = false;
    const failed: string[] = [];
    for await (const { taskId, state } of world.client.list())
      if (state === 'DEAD_LETTER') failed.push(taskId);
    expect(failed).toHaveLength(1);
    const [taskId = ''] = failed;
    const { reason } = (await world.get(workflowId)).nodes[1] ?? {};
    expect(reason).toBe(
      `TASK_FAILED: Error: broken; it waits until task ${taskId} is retried: reeve task retry ${taskId}`,
    );
    const events = await world.events(workflowId);
    const escalated = events.find(({ type }) => type === WorkflowEventType.ESCALATED);
    expect(escalated?.reason).toBe(reason);
    expect(escalated?.detail).toMatchObject({ failed: 1, failures: [{ task_id: taskId, sequence_num: 1 }] });
    await world.client.retry(taskId);
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), await world.context(workflowId, 'outputs.g.a')]).toEqual(['SUCCEEDED', 'mended']);
    expect(eventNames(await world.events(workflowId))).toContain('ESCALATED g.a');
  });

  test('what takes too long says so, in its code first', async () => {
    const world = setup();
    await world.agent({ a: () => 1, hang: () => new Promise(() => {}) });
    const lax = { onFailure: 'ON_FAILURE_CONTINUE', retry: { maxAttempts: 1 } };
    const workflowId = await world.start({
      groups: [
        {
          groupId: 'late',
          timeout: '1s',
          defaults: lax,
          tasks: [
            { taskId: 'runs', kind: 'hang' },
            { taskId: 'waits', kind: 'a', dependsOn: ['runs'] },
          ],
        },
        {
          groupId: 'slow',
          defaults: lax,
          tasks: [{ taskId: 'try', kind: 'hang', settings: { attemptTimeout: '1s' } }],
        },
      ],
    });
    const ended = await world.ended(workflowId);
    expect(stateOf(ended)).toBe('PARTIAL');
    const told = ended.nodes.map(
      ({ groupId, taskId, state, reason }) => `${groupId}.${taskId} ${WorkflowNodeState[state]} ${reason}`,
    );
    expect(told).toEqual([
      'late. FAILED TIMED_OUT: group late took longer than 1000 ms',
      'late.runs FAILED TIMED_OUT: group late took longer than 1000 ms',
      'late.waits CANCELLED CANCELLED: group late took longer than 1000 ms before it began',
      'slow. FAILED TASK_FAILED: slow.try did not succeed',
      'slow.try FAILED TIMED_OUT: ATTEMPT_TIMED_OUT: its last attempt took longer than its attempt_timeout',
    ]);
  }, 60_000);

  test('one that takes too long fails with what there is', async () => {
    const world = setup();
    await world.agent({ a: () => 1 });
    const workflowId = await world.start({ ...two({}, { kind: 'nobody-does' }), timeout: '1s' });
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)['g.a']]).toEqual(['FAILED', 'SUCCEEDED']);
    expect(ended.reason).toMatch(/^TIMED_OUT/);
    expect(await world.context(workflowId, 'outputs.g.a')).toBe(1);
  });

  test('rows and columns become tasks in a stable order', async () => {
    const world = setup();
    await world.agent({
      cell: (input) => `${String((input as JsonObject).row)}${String((input as JsonObject).col)}`,
    });
    const arrayMapping = [
      { name: 'row', path: 'rows' },
      { name: 'col', path: 'cols' },
    ];
    const workflowId = await world.start({
      groups: [
        {
          groupId: 'g',
          tasks: [
            {
              taskId: 'cells',
              kind: 'cell',
              input: { rows: ['A', 'B'], cols: [1, 2, 3] },
              settings: {
                expansion: {
                  type: 'EXPANSION_TYPE_MATRIX',
                  arrayMapping,
                  outputFormat: 'OUTPUT_FORMAT_MERGE',
                  mergeStrategy: 'MERGE_STRATEGY_REDUCE',
                  reducer: 'results',
                },
              },
            },
          ],
        },
      ],
    });
    expect(stateOf(await world.ended(workflowId))).toBe('SUCCEEDED');
    expect(JSON.stringify(await world.context(workflowId, 'outputs.g.cells'))).toContain(
      '["A1","A2","A3","B1","B2","B3"]',
    );
  });
});
