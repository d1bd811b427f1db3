import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import {
  eventNames,
  nodesOf,
  stateOf,
  type WorkflowWorld,
  workflowWorld,
} from '../support/workflow-world.js';

const { method } = WorkflowService;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const setup = () => workflowWorld(coordinator.address);

const one = (task: JsonObject, more: JsonObject = {}): JsonObject => ({
  groups: [{ groupId: 'g', tasks: [{ taskId: 't', kind: 'k', ...task }] }],
  ...more,
});

async function refusal(call: Promise<unknown>) {
  const error = await failureOf(call);
  const { info, fields } = detailsOf(error);
  return { code: error.code, reason: info?.reason, fields };
}

const cancel = ({ grpc, meta }: WorkflowWorld, workflowId: string, reason = '') =>
  grpc.call(method.cancelWorkflow, { workflowId, reason }, meta);
const retry = ({ grpc, meta }: WorkflowWorld, workflowId: string, reason = '') =>
  grpc.call(method.retryWorkflow, { workflowId, reason }, meta);

describe('a start', () => {
  test('is safe to repeat: the same id with the same spec is the same workflow', async () => {
    const world = setup();
    const spec = one({}, { context: { a: 1, b: 2 } });
    const requestId = randomUUID();
    const first = await world.startFully(spec, requestId);
    expect(first.alreadyStarted).toBe(false);
    const again = await world.startFully(one({}, { context: { b: 2, a: 1 } }), requestId);
    expect([again.alreadyStarted, again.workflow?.workflowId]).toEqual([true, first.workflow?.workflowId]);
    const other = await refusal(world.startFully(one({ kind: 'other' }), requestId));
    expect(other).toMatchObject({ code: status.ALREADY_EXISTS, reason: 'REQUEST_ID_REUSED' });
  });

  test('of what is wrong is refused with the place of each mistake', async () => {
    const world = setup();
    const call = world.startFully(one({ dependsOn: ['nothing'], condition: 'context.' }));
    expect(await refusal(call)).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'WORKFLOW_INVALID' });
    const { fields } = await refusal(world.startFully(one({ dependsOn: ['nothing'] })));
    expect(fields).toEqual(['spec.groups[0].tasks[0].depends_on[0]']);
  });
});

describe('a workflow that is cancelled', () => {
  test('ends with its tasks, and keeps what there is', async () => {
    const world = setup();
    await world.agent({ quick: () => 'done' });
    const workflowId = await world.start({
      groups: [
        {
          groupId: 'g',
          tasks: [
            { taskId: 'a', kind: 'quick' },
            { taskId: 'b', kind: 'nobody-does', dependsOn: ['a'] },
          ],
        },
      ],
    });
    await expect.poll(async () => nodesOf(await world.get(workflowId))['g.b']).toBe('RUNNING');
    await cancel(world, workflowId, 'not wanted');
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), nodesOf(ended)['g.b']]).toEqual(['CANCELLED', 'CANCELLED']);
    expect(ended.reason).toContain('not wanted');
    expect(await world.context(workflowId, 'outputs.g.a')).toBe('done');
    const states: string[] = [];
    for await (const { state } of world.client.list()) states.push(state);
    expect(states.sort()).toEqual(['CANCELLED', 'SUCCEEDED']);
    expect(eventNames(await world.events(workflowId))).toContain('CANCEL_REQUESTED');
    expect(stateOf((await cancel(world, workflowId)).workflow ?? ended)).toBe('CANCELLED');
  });

  test('or has ended otherwise, or is not there, is refused', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const workflowId = await world.start(one({}));
    await world.ended(workflowId);
    expect(await refusal(cancel(world, workflowId))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: 'WORKFLOW_OVER',
    });
    const unknown = '01890a5d-ac96-774b-bcce-b302099a8057';
    for (const call of [
      cancel(world, unknown),
      retry(world, unknown),
      world.get(unknown),
      world.events(unknown),
    ]) {
      expect(await refusal(call)).toMatchObject({ code: status.NOT_FOUND, reason: 'WORKFLOW_NOT_FOUND' });
    }
  });
});

describe('a workflow that is retried', () => {
  test('runs again what did not succeed, on the same context', async () => {
    const world = setup();
    let broken = true;
    const begun: string[] = [];
    await world.agent({
      k: (input) => {
        begun.push(String(input));
        if (broken && input === 'b') throw new Error('broken');
        return `${String(input)} done`;
      },
    });
    const settings = { retry: { maxAttempts: 1 } };
    const workflowId = await world.start({
      defaults: settings,
      groups: [
        {
          groupId: 'g',
          tasks: [
            { taskId: 'a', kind: 'k', input: 'a' },
            { taskId: 'b', kind: 'k', input: 'b', dependsOn: ['a'] },
            { taskId: 'c', kind: 'k', input: 'c', dependsOn: ['b'] },
          ],
        },
      ],
    });
    expect(stateOf(await world.ended(workflowId))).toBe('FAILED');
    broken = false;
    const { workflow } = await retry(world, workflowId, 'mended');
    expect(workflow?.run).toBe(2);
    const ended = await world.ended(workflowId);
    expect([stateOf(ended), ended.run]).toEqual(['SUCCEEDED', 2]);
    expect(begun).toEqual(['a', 'b', 'b', 'c']);
    expect(await world.context(workflowId, 'outputs.g')).toEqual({ a: 'a done', b: 'b done', c: 'c done' });
    expect(eventNames(await world.events(workflowId))).toContain('RETRIED');
    expect(await refusal(retry(world, workflowId))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: 'WORKFLOW_NOT_RETRYABLE',
    });
  });
});

describe('the context of a workflow', () => {
  const value = (json: Parameters<typeof fromJson<typeof ValueSchema>>[1]) => fromJson(ValueSchema, json);

  test('is changed while it runs, by versions, and is made as it was', async () => {
    const world = setup();
    const { grpc, meta } = world;
    const workflowId = await world.start(
      one({ kind: 'nobody-does' }, { context: { user: { name: 'Ann' } } }),
    );
    const update = (
      patches: Parameters<
        typeof grpc.call<
          typeof method.updateWorkflowContext.input,
          typeof method.updateWorkflowContext.output
        >
      >[1]['patches'],
    ) => grpc.call(method.updateWorkflowContext, { workflowId, patches: patches ?? [] }, meta);

    await expect.poll(async () => stateOf(await world.get(workflowId))).toBe('PROCESSING');
    const before = await world.getFully(workflowId, { contextPath: 'user.name' });
    const first = await update([{ path: 'user.name', value: value('Bob') }]);
    expect(first.contextVersion).toBeGreaterThan(before.workflow?.contextVersion ?? 0n);
    expect(await world.context(workflowId, 'user')).toEqual({ name: 'Bob' });
    const { pathVersion } = await world.getFully(workflowId, { contextPath: 'user.name' });
    expect(pathVersion).toBe(first.contextVersion);

    const late = { path: 'user.name', value: value('Cy'), expectedVersion: pathVersion - 1n };
    const both = update([{ path: 'other', value: value(1) }, late]);
    expect(await refusal(both)).toMatchObject({ code: status.ABORTED, reason: 'VERSION_MISMATCH' });
    expect(await world.context(workflowId, 'other')).toBeUndefined();
    await update([
      { path: 'user.name', value: value('Cy'), expectedVersion: pathVersion },
      { path: 'plan', value: value([1, 2]) },
    ]);
    expect(await world.context(workflowId)).toMatchObject({ user: { name: 'Cy' }, plan: [1, 2] });

    const then = await world.get(workflowId, {
      contextPath: 'user.name',
      contextVersion: String(first.contextVersion),
    });
    expect(then.context?.kind.value).toBe('Bob');
    const restored = await grpc.call(
      method.restoreWorkflowContext,
      { workflowId, contextVersion: first.contextVersion },
      meta,
    );
    expect(restored.contextVersion).toBeGreaterThan(first.contextVersion);
    const context = (await world.context(workflowId)) as JsonObject;
    expect([context.user, context.plan]).toEqual([{ name: 'Bob' }, undefined]);

    await update([{ path: 'user' }]);
    expect(await world.context(workflowId, 'user')).toBeUndefined();
    await cancel(world, workflowId);
  });

  test('has no version that there never was, and takes no path that is none', async () => {
    const world = setup();
    const { grpc, meta } = world;
    const workflowId = await world.start(one({ kind: 'nobody-does' }));
    const contextVersion = 99n;
    const restore = grpc.call(method.restoreWorkflowContext, { workflowId, contextVersion }, meta);
    const unknown = { code: status.OUT_OF_RANGE, reason: 'CONTEXT_VERSION_UNKNOWN' };
    expect(await refusal(restore)).toMatchObject(unknown);
    expect(await refusal(world.get(workflowId, { contextPath: 'a', contextVersion: '99' }))).toMatchObject(
      unknown,
    );
    const patches = [{ path: 'a..b', value: value(1) }];
    const bad = await refusal(grpc.call(method.updateWorkflowContext, { workflowId, patches }, meta));
    expect([bad.code, bad.fields]).toEqual([status.INVALID_ARGUMENT, ['patches[0].path']]);
    await cancel(world, workflowId);
  });

  test('of one that has ended stays as it is', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const workflowId = await world.start(one({}));
    await world.ended(workflowId);
    const patches = [{ path: 'a', value: value(1) }];
    const call = world.grpc.call(method.updateWorkflowContext, { workflowId, patches }, world.meta);
    expect(await refusal(call)).toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'WORKFLOW_OVER' });
  });
});

test('a coordinator that is started again goes on with it', async () => {
  const data = temporaryFolder('workflows');
  const before = await openEmbedded({ data });
  const first = workflowWorld(before.address);
  const begun: unknown[] = [];
  const k = (input: unknown) => {
    begun.push(input);
    return input as string;
  };
  await first.agent({ k });
  const tasks = [
    { taskId: 'a', kind: 'k', input: 'a' },
    { taskId: 'b', kind: 'later', input: 'b', dependsOn: ['a'] },
    { taskId: 'c', kind: 'k', input: 'c {{ results.g.b }}', dependsOn: ['b'] },
  ];
  const workflowId = await first.start({ groups: [{ groupId: 'g', tasks }] });
  await expect.poll(async () => nodesOf(await first.get(workflowId))['g.b']).toBe('RUNNING');
  await before.stop();

  const after = await openEmbedded({ data });
  onTestFinished(() => after.stop());
  const second = workflowWorld(after.address, first.org);
  await second.agent({ k, later: k });
  expect(stateOf(await second.ended(workflowId))).toBe('SUCCEEDED');
  expect(begun).toEqual(['a', 'b', 'c b']);
});

test('another organisation sees nothing of it', async () => {
  const world = setup();
  await world.agent({ k: () => 1 });
  const workflowId = await world.start(one({}, { name: 'mine' }), 'same');
  await world.ended(workflowId);
  const other = setup();
  const notFound = { code: status.NOT_FOUND, reason: 'WORKFLOW_NOT_FOUND' };
  for (const call of [
    other.get(workflowId),
    other.events(workflowId),
    other.ended(workflowId),
    other.watch(workflowId).next(),
    cancel(other, workflowId),
    retry(other, workflowId),
  ]) {
    expect(await refusal(call)).toMatchObject(notFound);
  }
  const { workflows } = await other.grpc.call(method.listWorkflows, {}, other.meta);
  expect(workflows).toEqual([]);
  expect((await other.startFully(one({ kind: 'nobody-does' }), 'same')).alreadyStarted).toBe(false);
});
