import type { JsonObject, JsonValue, MessageShape } from '@bufbuild/protobuf';
import { CoordinatorService, TaskState } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
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

/** Finds pages, then writes about each of them, then sums up. */
const REPORT: JsonObject = {
  name: 'report',
  labels: { team: 'press' },
  context: { topic: 'tea' },
  params: { limit: 3 },
  groups: [
    {
      groupId: 'find',
      tasks: [
        {
          taskId: 'list',
          kind: 'list',
          input: {
            topic: '{{ context.topic }}',
            limit: '{{ params.limit }}',
            words: 'on {{ context.topic }}',
          },
          resultKey: 'found',
        },
      ],
    },
    {
      groupId: 'write',
      dependsOn: ['find'],
      tasks: [
        {
          taskId: 'each',
          kind: 'each',
          input: { id: '{{ item.page.id }}', of: '{{ item.total_count }}' },
          settings: ARRAY('page', 'context.found.pages', { itemIdentifier: 'item.page.id' }),
        },
        {
          taskId: 'sum',
          kind: 'sum',
          dependsOn: ['each'],
          input: { parts: '{{ size(results.write.each.task_results) }}', topic: '{{ context.topic }}' },
          resultKey: 'summary',
        },
      ],
    },
  ],
};

const PAGES = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

describe('a workflow of two groups', () => {
  test('runs what depends on results once they are there, expands over them, and keeps all of it', async () => {
    const world = setup();
    const inputs: Record<string, JsonValue[]> = { list: [], each: [], sum: [] };
    const kept = (kind: string, answer: (input: JsonObject) => JsonValue) => (input: JsonValue) => {
      inputs[kind]?.push(input);
      return answer(input as JsonObject);
    };
    await world.agent({
      list: kept('list', () => ({ pages: PAGES })),
      each: kept('each', ({ id }) => ({ text: `page ${String(id)}` })),
      sum: kept('sum', ({ parts }) => `${String(parts)} pages`),
    });
    const workflowId = await world.start(REPORT);
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), ended.reason]).toEqual(['SUCCEEDED', '']);
    expect(inputs.list).toEqual([{ topic: 'tea', limit: 3, words: 'on tea' }]);
    expect(inputs.each).toHaveLength(3);
    expect(inputs.each).toEqual(expect.arrayContaining(PAGES.map((page) => ({ id: page.id, of: 3, page }))));
    expect(inputs.sum).toEqual([{ parts: 3, topic: 'tea' }]);

    const context = (await world.context(workflowId)) as JsonObject;
    expect(context).toMatchObject({ topic: 'tea', found: { pages: PAGES }, summary: '3 pages' });
    const each = (context.outputs as JsonObject).write as JsonObject;
    expect(JSON.stringify(each)).toContain('page a');
    expect(await world.context(workflowId, 'found.pages')).toEqual(PAGES);

    expect(nodesOf(ended)).toEqual({
      find: 'SUCCEEDED',
      'find.list': 'SUCCEEDED',
      write: 'SUCCEEDED',
      'write.each': 'SUCCEEDED',
      'write.sum': 'SUCCEEDED',
    });
    expect(ended.progress).toMatchObject({
      totalCount: 5n,
      succeededCount: 5n,
      failedCount: 0n,
      fraction: 1,
    });
    expect(ended.nodes[3]).toMatchObject({
      totalCount: 3n,
      succeededCount: 3n,
      resultKey: 'outputs.write.each',
    });
    expect(ended.nodes[4]).toMatchObject({ waitsFor: ['write.each'], resultKey: 'summary' });
    expect(ended.finishTime).toBeDefined();
  });

  test('has a trail without gaps, in the order in which things happened', async () => {
    const world = setup();
    await world.agent({ list: () => ({ pages: PAGES }), each: () => 1, sum: () => 2 });
    const workflowId = await world.start(REPORT);
    await world.ended(workflowId);
    const events = await world.events(workflowId);
    expect(events.map(({ seq }) => Number(seq))).toEqual(events.map((_, i) => i + 1));
    const names = eventNames(events);
    expect(names[0]).toBe('STARTED');
    expect(names.at(-1)).toBe('FINISHED');
    const at = (name: string) => names.indexOf(name);
    expect(at('NODE_FINISHED find.list')).toBeGreaterThan(0);
    expect(at('NODE_FINISHED find')).toBeGreaterThan(at('NODE_FINISHED find.list') - 1);
    expect(at('NODE_EXPANDED write.each')).toBeGreaterThan(at('NODE_FINISHED find.list'));
    expect(at('NODE_FINISHED write.sum')).toBeGreaterThan(at('NODE_FINISHED write.each'));
    expect(names.filter((name) => name === 'PHASE_CHANGED').length).toBeGreaterThanOrEqual(3);
  });

  test('is told of in its tasks, which can be chosen by it', async () => {
    const world = setup();
    await world.agent({ list: () => ({ pages: PAGES }), each: () => 1, sum: () => 2 });
    const workflowId = await world.start(REPORT);
    await world.ended(workflowId);
    await world.client.submit({ kind: 'list' });
    const { tasks } = await world.grpc.call(
      CoordinatorService.method.listTasks,
      { filter: { workflowId: workflowId.toUpperCase() } },
      world.meta,
    );
    expect(
      tasks.map(({ workflow }) => [workflow?.groupId, workflow?.taskId, workflow?.sequenceNum]).sort(),
    ).toEqual([
      ['find', 'list', 1],
      ['write', 'each', 1],
      ['write', 'each', 2],
      ['write', 'each', 3],
      ['write', 'sum', 1],
    ]);
    expect(new Set(tasks.map(({ workflow }) => workflow?.workflowId))).toEqual(new Set([workflowId]));
    const second = tasks.find(({ workflow }) => workflow?.taskId === 'each' && workflow.sequenceNum === 2);
    const { task } = await world.grpc.call(
      CoordinatorService.method.getTask,
      { taskId: second?.taskId ?? '' },
      world.meta,
    );
    expect(task?.spec?.item).toMatchObject({
      sequenceNum: 2,
      identifier: 'b',
      baseTaskId: 'write.each',
      totalCount: 3,
    });
  });

  test('can be followed and cancelled by its tasks', async () => {
    const { client, grpc, meta, start, ended } = setup();
    const workflowId = await start({
      groups: [
        {
          groupId: 'g',
          tasks: [
            { taskId: 'a', kind: 'nobody-does', settings: { onFailure: 'ON_FAILURE_CONTINUE' } },
            { taskId: 'b', kind: 'nobody-does', settings: { onFailure: 'ON_FAILURE_CONTINUE' } },
          ],
        },
      ],
    });
    const other = await client.submit({ kind: 'nobody-does' });
    const { method } = CoordinatorService;
    const selector = { workflowId };
    const told = new Map<string, string>();
    const stream = grpc.stream(method.watchTasks, { selector }, meta);
    stream.on('error', () => {});
    stream.on('data', ({ changes }: MessageShape<typeof method.watchTasks.output>) => {
      for (const { task } of changes) if (task) told.set(task.taskId, TaskState[task.state]);
    });
    onTestFinished(() => stream.cancel());
    await expect.poll(() => [...told.values()]).toEqual(['QUEUED', 'QUEUED']);
    const { operation } = await grpc.call(method.batchCancelTasks, { filter: selector }, meta);
    expect(operation?.filter?.workflowId).toBe(workflowId);
    await expect.poll(() => [...told.values()]).toEqual(['CANCELLED', 'CANCELLED']);
    expect(told.has(other.taskId)).toBe(false);
    expect((await client.get(other.taskId)).state).toBe('QUEUED');
    expect(stateOf(await ended(workflowId))).toBe('PARTIAL');
  });
});
