import { type WorkflowNodeInfo, workflow } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { nodesOf, type WorkflowWorld, workflowWorld } from '../support/workflow-world.js';

let coordinator: Awaited<ReturnType<typeof openEmbedded>>;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const ONCE = { maxAttempts: 1 } as const;

/** An agent that counts what it is asked for, and fails what is to fail until it is mended. */
async function countingAgent(world: WorkflowWorld, fails: ReadonlySet<string>) {
  const ran = new Map<string, number>();
  const scene = { isMended: false, ran };
  const work = (input: unknown) => {
    const { name, n, list } = input as { name: string; n?: number; list?: readonly number[] };
    const key = n === undefined ? name : `${name} ${n}`;
    ran.set(key, (ran.get(key) ?? 0) + 1);
    if (fails.has(key) && !scene.isMended) throw new Error(`${key} is to fail`);
    return { name, ...(n !== undefined && { n }), ...(list && { list }) };
  };
  await world.agent({ k: work });
  return scene;
}

async function ended({ client, ended: over }: WorkflowWorld, workflowId: string) {
  await over(workflowId);
  return client.workflows.get(workflowId);
}

/** Of a task of its group. */
function reasonIn({ nodes }: { readonly nodes: readonly WorkflowNodeInfo[] }, taskId: string): string {
  return nodes.find((node) => node.taskId === taskId)?.reason ?? '';
}

interface Separate {
  readonly task_results: readonly {
    readonly state: string;
    readonly item_data: unknown;
    readonly output: unknown;
  }[];
}

test('of a PARTIAL workflow only what failed runs again: items, tasks, and what waited in vain', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  const scene = await countingAgent(world, new Set(['each 1', 'each 4', 'alone']));
  const list = [0, 1, 2, 3, 4, 5];
  const spec = workflow('partial').group('g', { retry: ONCE, onFailure: 'continue' }, (group) =>
    group
      .task('find', { kind: 'k', input: { name: 'find', list } })
      .task('fine', { kind: 'k', input: { name: 'fine' } })
      .task('alone', { kind: 'k', input: { name: 'alone' } })
      .task('after', {
        kind: 'k',
        input: { name: 'after', list: '{{ results.g.alone.name }}' },
        dependsOn: 'alone',
      })
      .task('each', {
        kind: 'k',
        input: { name: 'each' },
        expand: { array: { n: 'results.g.find.list' } },
      })
      .task('open', { kind: 'later', dependsOn: 'each' }),
  );
  const { workflowId } = await client.workflows.start(spec);
  await expect
    .poll(async () => nodesOf(await world.get(workflowId)), { timeout: 20_000 })
    .toMatchObject({ 'g.each': 'PARTIAL', 'g.alone': 'FAILED', 'g.after': 'FAILED', 'g.open': 'RUNNING' });
  const put = (path: string, value: number | { list: string[] }) =>
    client.workflows.updateContext(workflowId, [{ path, value }]);
  // So that what items were made from is no version that is kept for its own sake.
  for (let n = 0; n < 1_250; n++) await put('user.n', n);
  await put('outputs.g.find', { list: ['other'] });
  await world.agent({ later: () => 'late' });
  const partial = await ended(world, workflowId);
  expect([partial.state, partial.contextVersion > 1_250]).toEqual(['PARTIAL', true]);
  const before = Object.fromEntries(scene.ran);
  const once = list.map((n) => [`each ${n}`, 1]);
  expect(before).toEqual({ find: 1, fine: 1, alone: 1, ...Object.fromEntries(once) });

  scene.isMended = true;
  await client.workflows.retry(workflowId);
  const again = await ended(world, workflowId);
  expect([again.state, again.run]).toEqual(['SUCCEEDED', 2]);
  expect(Object.fromEntries(scene.ran)).toEqual({ ...before, 'each 1': 2, 'each 4': 2, alone: 2, after: 1 });
  expect(again.contextVersion).toBeGreaterThan(partial.contextVersion);
  const each = await client.workflows.context<Separate>(workflowId, 'outputs.g.each');
  expect(each?.task_results.map(({ state, item_data, output }) => [state, item_data, output])).toEqual(
    list.map((n) => ['SUCCEEDED', { n }, { name: 'each', n }]),
  );
  expect(await client.workflows.context(workflowId, 'user.n')).toBe(1_249);
}, 120_000);

test('a workflow that failed in the middle of an expansion makes the rest of it, and nothing twice', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  const ITEMS = 1_200;
  const scene = await countingAgent(world, new Set(['each 3']));
  const list = Array.from({ length: ITEMS }, (_, n) => n);
  const spec = workflow('failed')
    .context({ list })
    .group('g', { retry: ONCE }, (group) =>
      group.task('each', {
        kind: 'k',
        input: { name: 'each' },
        expand: { array: { n: 'context.list' }, outputFormat: 'merge', mergeStrategy: 'sum' },
      }),
    );
  const { workflowId } = await client.workflows.start(spec);
  const failed = await ended(world, workflowId);
  expect(failed.state).toBe('FAILED');
  const before = new Map(scene.ran);
  scene.isMended = true;
  await client.workflows.retry(workflowId);
  const again = await ended(world, workflowId);
  expect(again.state).toBe('SUCCEEDED');
  expect(again.contextVersion).toBeGreaterThan(failed.contextVersion);
  const succeededBefore = [...before.keys()].filter((key) => key !== 'each 3').length;
  // One that was with its agent as it was cancelled may have run in vain.
  const more = [...scene.ran].filter(([key, times]) => times > 1 && key !== 'each 3');
  expect(more.length).toBeLessThanOrEqual(20);
  expect([scene.ran.size, scene.ran.get('each 3')]).toEqual([ITEMS, 2]);
  expect(succeededBefore).toBeLessThan(ITEMS);
  const merged = await client.workflows.context<{ result: { n: number } }>(workflowId, 'outputs.g.each');
  expect(merged?.result.n).toBe((ITEMS * (ITEMS - 1)) / 2);
}, 120_000);

test('what a task may take in all counts anew when its workflow is retried', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  const spec = workflow('timed').group('g', (group) =>
    group.task('late', { kind: 'nobody', timeout: '400ms', onFailure: 'continue' }),
  );
  const { workflowId } = await client.workflows.start(spec);
  for (const run of [1, 2]) {
    const over = await ended(world, workflowId);
    expect([over.run, over.state, reasonIn(over, 'late')]).toMatchObject([
      run,
      'PARTIAL',
      expect.stringMatching(/^TIMED_OUT: /),
    ]);
    if (run === 1) await client.workflows.retry(workflowId);
  }
});

/** The tasks of a workflow by their template's id, once there are so many. */
async function tasksOf({ client }: WorkflowWorld, workflowId: string, count: number) {
  const tasks = new Map<string, string>();
  const find = async () => {
    for await (const { workflow: place, taskId } of client.list({ workflowId })) {
      tasks.set(place?.taskId ?? '', taskId);
    }
    return tasks.size;
  };
  await expect.poll(find, { timeout: 20_000 }).toBe(count);
  return (id: string) => tasks.get(id) ?? '';
}

test('what a task may take in all counts anew when it is retried by itself, or by an operation', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  const defaults = { timeout: '400ms', onFailure: 'escalate' } as const;
  const spec = workflow('timed').group('g', { defaults }, (group) => group.task('late', { kind: 'nobody' }));
  const { workflowId } = await client.workflows.start(spec);
  const taskId = (await tasksOf(world, workflowId, 1))('late');
  const timedOut = async () => {
    let times = 0;
    for await (const { type } of client.events(taskId)) if (type === 'DEADLINE_PASSED') times++;
    return times;
  };
  await expect.poll(timedOut, { timeout: 20_000 }).toBe(1);
  await client.retry(taskId);
  await expect.poll(timedOut, { timeout: 20_000 }).toBe(2);
  const { operationId } = await client.operations.retryTasks({ workflowId });
  expect(await client.operations.wait(operationId)).toMatchObject({ doneCount: 1 });
  await expect.poll(timedOut, { timeout: 20_000 }).toBe(3);
});

test('a time that has not passed counts anew as well, unless somebody has taken the deadline away', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  const spec = workflow('timed').group('g', { timeout: '1h', onFailure: 'escalate' }, (group) =>
    group
      .task('bounded', { kind: 'nobody', timeout: '10m' })
      .task('released', { kind: 'nobody', timeout: '10m' })
      .task('unbounded', { kind: 'nobody' }),
  );
  const { workflowId } = await client.workflows.start(spec);
  const idOf = await tasksOf(world, workflowId, 3);
  const { deadline: before } = await client.get(idOf('bounded'));
  await client.update(idOf('released'), { deadline: null });
  for (const id of ['bounded', 'released', 'unbounded']) {
    await client.cancel(idOf(id));
    await client.retry(idOf(id));
  }
  const { deadline: after } = await client.get(idOf('bounded'));
  expect(Number(after)).toBeGreaterThan(Number(before));
  expect(Number(after)).toBeLessThanOrEqual(Date.now() + 600_000);
  expect((await client.get(idOf('released'))).deadline).toBeUndefined();
  expect((await client.get(idOf('unbounded'))).deadline).toBeUndefined();
});

test('what waited for a person says so no more once its workflow was cancelled', async () => {
  const world = workflowWorld(coordinator.address);
  const { client } = world;
  await countingAgent(world, new Set(['asks']));
  const spec = workflow('escalated').group('g', { retry: ONCE }, (group) =>
    group.task('asks', { kind: 'k', input: { name: 'asks' }, onFailure: 'escalate' }),
  );
  const { workflowId } = await client.workflows.start(spec);
  const reasonOf = async () => reasonIn(await client.workflows.get(workflowId), 'asks');
  await expect.poll(reasonOf, { timeout: 20_000 }).toContain('it waits until task');
  await client.workflows.cancel(workflowId);
  await world.ended(workflowId);
  expect(await reasonOf()).toMatch(/asks is to fail$/);
});
