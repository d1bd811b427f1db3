import { status } from '@grpc/grpc-js';
import { agent, createClient, type HandlerContext, type WorkflowPlaceInfo, workflow } from '@reeve/sdk';
import { ConfigService, CoordinatorService, PolicyKind } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { silent } from '../support/steps.js';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** An organisation of its own, and an agent whose handlers do as they are told. */
async function setup(org: string, work: (input: unknown, ctx: HandlerContext) => unknown) {
  const { address } = coordinator;
  const client = createClient({ address, org });
  onTestFinished(() => client.close());
  const worker = agent({ agentId: 'a', address, org, slots: 4, log: silent });
  for (const kind of ['one', 'each']) worker.handle(kind, work);
  await worker.start();
  onTestFinished(() => worker.stop());
  return client;
}

describe('a handler', () => {
  test('is told which part of which workflow its task is, and nothing of a task that is of none', async () => {
    const places: (WorkflowPlaceInfo | undefined)[] = [];
    const client = await setup('told', (_, ctx) => void places.push(ctx.workflow));
    const spec = workflow('told')
      .context({ words: ['ja', 'nein'] })
      .group('g', (group) => group.task('t', { kind: 'one' }))
      .group('h', { dependsOn: 'g' }, (group) =>
        group.task('many', { kind: 'each', expand: { array: { word: 'context.words' } } }),
      );
    const { workflowId, wait } = await client.workflows.start(spec);
    await wait();
    await (await client.submit({ kind: 'one' })).wait();
    const [first, ...items] = places.slice(0, 3);
    expect(first).toEqual({ workflowId, groupId: 'g', taskId: 't', sequenceNum: 1, run: 1 });
    expect(items.toSorted((a, b) => (a?.sequenceNum ?? 0) - (b?.sequenceNum ?? 0))).toEqual(
      [1, 2].map((sequenceNum) => ({ workflowId, groupId: 'h', taskId: 'many', sequenceNum, run: 1 })),
    );
    expect(places[3]).toBeUndefined();
    const listed: (WorkflowPlaceInfo | undefined)[] = [];
    for await (const task of client.list({ workflowId })) listed.push(task.workflow);
    expect(listed).toEqual(expect.arrayContaining([first, ...items]));
  });

  test('is told that its task was begun anew, by the number of the run', async () => {
    const runs: (number | undefined)[] = [];
    const client = await setup('anew', (_, { workflow: place }) => {
      runs.push(place?.run);
      return { run: place?.run };
    });
    const spec = workflow('anew').group('g', (group) =>
      group
        .task('before', { kind: 'one' })
        .task('checked', { kind: 'one', dependsOn: 'before', validate: 'result.run == 2.0' }),
    );
    const started = await client.workflows.start(spec);
    await expect(started.wait()).rejects.toMatchObject({ state: 'FAILED' });
    await started.retry();
    expect((await started.wait()).state).toBe('SUCCEEDED');
    expect(runs).toEqual([1, 1, 2]);
  });
});

test.each([
  {},
  { workflowId: 'w' },
  { workflowId: '00000000-0000-7000-8000-000000000001', groupId: 'g', taskId: 't' },
])('no caller says of which workflow a task is: %j', async (place) => {
  const grpc = connect(coordinator.address);
  onTestFinished(() => grpc.close());
  const task = { kind: 'k', workflow: place };
  const words = 'must not be set: which workflow a task is of, the coordinator says';
  const { submitTask, batchSubmitTasks } = CoordinatorService.method;
  const { testPolicy } = ConfigService.method;
  const policy = {
    ...{ policyId: 'p', kind: PolicyKind.APPROVAL },
    rule: { case: 'cel' as const, value: 'true' },
  };
  const subject = { case: 'policy' as const, value: policy };
  const sample = { case: 'task' as const, value: task };
  for (const call of [grpc.call(submitTask, { task }), grpc.call(testPolicy, { subject, sample })]) {
    const error = await failureOf(call);
    expect([error.code, error.details]).toEqual([status.INVALID_ARGUMENT, `task.workflow: ${words}`]);
    expect(detailsOf(error).fields).toEqual(['task.workflow']);
  }
  const batch = { requests: [{ task: { kind: 'k' } }, { task }] };
  const { outcomes } = await grpc.call(batchSubmitTasks, batch);
  expect(outcomes.map(({ outcome }) => outcome.case)).toEqual(['submitted', 'error']);
  expect(JSON.stringify(outcomes[1]?.outcome)).toContain(`requests[1].task.workflow: ${words}`);
});
