import type { JsonValue } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { WorkflowFailedError, WorkflowWaitTimeoutError, workflow } from '@reeve/sdk';
import { WorkflowEventType, WorkflowService, WorkflowState } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../test/support/refusal.js';
import { idOf, setup } from './support/client-world.js';
import { statusError } from './support/fake-coordinator.js';

const { method } = WorkflowService;
const id = idOf(1);
const now = (state: WorkflowState, seq = 1n) => ({ workflow: { workflowId: id, name: 'n', state, seq } });
const deep = (levels: number): JsonValue => (levels === 0 ? 1 : [deep(levels - 1)]);
function endless(): JsonValue {
  const list: JsonValue[] = [];
  list.push(list, list);
  return list;
}
const event = (seq: bigint) => ({ seq, type: WorkflowEventType.NODE_FINISHED });

describe('client.workflows', () => {
  it('starts what a builder has put together, and waits for its end', async () => {
    const { server, client } = await setup();
    const asked: { requestId: string; groups: string[] }[] = [];
    server.answer(method.startWorkflow, ({ spec, requestId }) => {
      asked.push({ requestId, groups: spec?.groups.map(({ groupId }) => groupId) ?? [] });
      return { ...now(WorkflowState.INITIALIZING), notes: ['nobody does k yet'] };
    });
    const states = [WorkflowState.PROCESSING, WorkflowState.SUCCEEDED];
    server.answer(method.waitWorkflow, () => now(states.shift() ?? WorkflowState.FAILED));
    const build = workflow('n').group('a', (g) => g.task('t', { kind: 'k' }));
    const run = await client.workflows.start(build, { requestId: 'once' });
    expect(asked).toEqual([{ requestId: 'once', groups: ['a'] }]);
    expect(run).toMatchObject({ workflowId: id, alreadyStarted: false, notes: ['nobody does k yet'] });
    expect((await run.wait()).state).toBe('SUCCEEDED');
  });

  it('says how a workflow ended that FAILED, and gives up a wait in time', async () => {
    const { server, client } = await setup();
    let state = WorkflowState.PROCESSING;
    server.answer(method.waitWorkflow, () => now(state));
    await expect(client.workflows.wait(id, { timeoutMs: 20 })).rejects.toBeInstanceOf(
      WorkflowWaitTimeoutError,
    );
    state = WorkflowState.FAILED;
    const error = await client.workflows.wait(id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(error).toMatchObject({ state: 'FAILED', workflow: { workflowId: id } });
    state = WorkflowState.PARTIAL;
    expect((await client.workflows.wait(id)).state).toBe('PARTIAL');
  });

  it('watches through a stream that breaks, and tells every event once', async () => {
    const { server, client } = await setup();
    const asked: (bigint | undefined)[] = [];
    server.stream(method.watchWorkflow, ({ afterSeq }, stream) => {
      asked.push(afterSeq);
      if (asked.length === 1) {
        stream.send({});
        stream.send({ ...now(WorkflowState.PROCESSING, 4n), events: [] });
        stream.send({ ...now(WorkflowState.PROCESSING, 6n), events: [event(5n), event(6n)] });
        stream.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
      } else {
        stream.send({ ...now(WorkflowState.SUCCEEDED, 7n), events: [event(6n), event(7n)] });
      }
    });
    const told: string[] = [];
    for await (const { workflow: w, events } of client.workflows.watch(id)) {
      told.push(`${w.state} ${events.map(({ seq }) => seq).join(',')}`);
    }
    expect(told).toEqual(['PROCESSING ', 'PROCESSING 5,6', 'SUCCEEDED 7']);
    expect(asked).toEqual([undefined, 6n]);
  });

  it('reads and changes a context', async () => {
    const { server, client } = await setup();
    const value = { kind: { case: 'numberValue' as const, value: 7 } };
    server.answer(method.getWorkflow, ({ contextPath }) => ({
      workflow: {
        ...now(WorkflowState.PROCESSING).workflow,
        ...(contextPath === 'user.age' && { context: value }),
      },
      pathVersion: 3n,
    }));
    expect(await client.workflows.context<number>(id, 'user.age')).toBe(7);
    expect(await client.workflows.context(id, 'user.name')).toBeUndefined();
    expect((await client.workflows.get(id, { path: 'user.age' })).pathVersion).toBe(3);
    const patches: unknown[] = [];
    server.answer(method.updateWorkflowContext, (request) => {
      patches.push(
        ...request.patches.map(({ path, value: v, expectedVersion }) => [
          path,
          v?.kind.case,
          expectedVersion,
        ]),
      );
      return { contextVersion: 9n };
    });
    const changes = [{ path: 'user.age', value: 8, expectedVersion: 3 }, { path: 'user.name' }];
    expect(await client.workflows.updateContext(id, changes)).toBe(9);
    expect(patches).toEqual([
      ['user.age', 'numberValue', 3n],
      ['user.name', undefined, undefined],
    ]);
  });

  it('takes a reason as an object, and no text in its place', async () => {
    const { server, client } = await setup();
    const reasons: string[] = [];
    server.answer(method.cancelWorkflow, ({ reason }) => {
      reasons.push(reason);
      return now(WorkflowState.COMPLETING);
    });
    const run = client.workflows.handle(id);
    await run.cancel({ reason: 'enough' });
    await run.cancel();
    // @ts-expect-error it would be lost
    await expect(run.cancel('enough')).rejects.toThrow("a reason is given as { reason: '…' }, not as a text");
    // @ts-expect-error so would this
    await expect(client.cancel(id, 'enough')).rejects.toThrow('not as a text');
    expect(reasons).toEqual(['enough', '']);
  });

  it.each([
    ['nests 200 levels', deep(200), /^patches\[0\]\.value(\[0\]){21}…: nests deeper than 64 levels$/],
    ['holds itself, more than once', endless(), /^patches\[0\]\.value.*…: nests deeper than 64 levels;/],
    ['is no JSON', { a: [1n] }, /^patches\[0\]\.value\.a\[0\]: must be what JSON has, not a bigint$/],
    ['has a number without an end', { a: 1 / 0 }, /^patches\[0\]\.value\.a: must be a finite number/],
  ])('refuses a value for a context that %s, with its place', async (_, value, message) => {
    const { client } = await setup();
    const patches = [{ path: 'a', value: value as JsonValue }];
    const error = await refusal(client.workflows.updateContext(id, patches));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
    expect(error.message).toMatch(message);
    expect(error.violations[0]?.field).toMatch(/^patches\[0\]\.value/);
    const set = await refusal(client.config.set('workflow_max_items', value as JsonValue));
    expect(set.violations[0]?.field).toMatch(/^value/);
  });

  it('does not repeat a retry, whose repeat would do something else', async () => {
    const { server, client } = await setup();
    let calls = 0;
    server.answer(method.retryWorkflow, () => {
      calls++;
      throw statusError(status.UNAVAILABLE, 'DRAINING', 'going');
    });
    await expect(client.workflows.retry(id)).rejects.toMatchObject({ reason: 'DRAINING' });
    expect(calls).toBe(1);
  });
});
