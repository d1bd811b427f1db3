import { type Client, workflow } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { gate, setupOrg, WAIT_MS, type Work } from './support/workflow-fleet.js';

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, 120_000);
afterAll(() => fleet.stop());

const setup = (org: string) => setupOrg(fleet, org);

const openTasks = async (client: Client, workflowId: string): Promise<string[]> => {
  const open: string[] = [];
  for await (const { taskId, state } of client.list({ workflowId })) {
    if (!['SUCCEEDED', 'CANCELLED', 'FAILED'].includes(state)) open.push(`${taskId} ${state}`);
  }
  return open;
};

test('what is started at one coordinator is watched at the other, to its end, without a gap', async () => {
  const { a, b, agentAt } = setup('watched');
  await agentAt('here', { first: () => ({ list: [1, 2, 3] }), each: (n) => n });
  await agentAt('there', { each: (n) => n, last: () => 'done' });
  const spec = workflow('watched')
    .group('one', (group) => group.task('first', { kind: 'first', resultKey: 'found' }))
    .group('two', { dependsOn: 'one' }, (group) =>
      group
        .task('each', { kind: 'each', expand: { array: { n: 'context.found.list' } } })
        .task('last', { kind: 'last', dependsOn: 'each' }),
    );
  const { workflowId } = await a.workflows.start(spec);
  const seqs: number[] = [];
  const types: string[] = [];
  for await (const { events } of b.workflows.watch(workflowId, { afterSeq: 0 })) {
    seqs.push(...events.map(({ seq }) => seq));
    types.push(...events.map(({ type, node }) => `${type} ${node}`.trim()));
  }
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  expect([types[0], types.at(-1)]).toEqual(['STARTED', 'FINISHED']);
  for (const node of ['one.first', 'one', 'two.each', 'two.last', 'two']) {
    expect(types.filter((type) => type === `NODE_FINISHED ${node}`)).toHaveLength(1);
  }
  expect((await b.workflows.get(workflowId)).state).toBe('SUCCEEDED');
  expect(await b.workflows.context(workflowId, 'outputs.two.last')).toBe('done');
});

test.each([1, 2, 3])(
  'the last items of an expansion end at both coordinators at the same time, and count once (%i)',
  async (round) => {
    const { a, b, agentAt } = setup(`at-once-${round}`);
    const ITEMS = 300;
    const { open, opened } = gate();
    const ran: number[] = [];
    const runs: Record<string, number> = { here: 0, there: 0 };
    let sums = 0;
    for (const at of ['here', 'there'] as const) {
      const each = async ({ n }: { n: number }) => {
        ran.push(n);
        runs[at] = (runs[at] ?? 0) + 1;
        if (ran.length === ITEMS) open();
        await opened;
        return { n };
      };
      const sum = ({ ns }: { ns: readonly number[] }) => {
        sums += 1;
        return ns.reduce((total, n) => total + n, 0);
      };
      await agentAt(at, { each, sum }, ITEMS / 2);
    }
    const list = Array.from({ length: ITEMS }, (_, n) => n);
    const spec = workflow('at-once')
      .context({ list })
      .group('many', (group) =>
        group.task('each', { kind: 'each', expand: { array: { n: 'context.list' } } }),
      )
      .group('end', { dependsOn: 'many' }, (group) =>
        group.task('sum', {
          kind: 'sum',
          input: { ns: '{{ results.many.each.task_results.map(r, r.output.n) }}' },
        }),
      );
    const { workflowId } = await a.workflows.start(spec);
    const ended = await b.workflows.wait(workflowId, { timeoutMs: WAIT_MS });
    expect(ended.state).toBe('SUCCEEDED');
    expect(runs).toEqual({ here: ITEMS / 2, there: ITEMS / 2 });
    expect(ran.sort((x, y) => x - y)).toEqual(list);
    expect(sums).toBe(1);
    expect(await b.workflows.context(workflowId, 'outputs.end.sum')).toBe((ITEMS * (ITEMS - 1)) / 2);
    const results = await a.workflows.context<{ sequence_num: number; output: { n: number } }[]>(
      workflowId,
      'outputs.many.each.task_results',
    );
    expect(results?.map(({ sequence_num, output }) => [sequence_num, output.n])).toEqual(
      list.map((n) => [n + 1, n]),
    );
    expect(ended.progress).toMatchObject({
      totalCount: ITEMS + 1,
      succeededCount: ITEMS + 1,
      failedCount: 0,
    });
  },
);

test('what waits for a person is approved at the other coordinator, and the workflow goes on', async () => {
  const { a, b, agentAt } = setup('approved');
  await agentAt('there', { step: () => 'done' });
  await a.policies.put({ policyId: 'ask', kind: 'APPROVAL', cel: "{'needs_human': true}" });
  const spec = workflow('approved').group('g', (group) =>
    group
      .task('asked', { kind: 'step', policies: { approval: 'ask' } })
      .task('after', { kind: 'step', dependsOn: 'asked' }),
  );
  const { workflowId } = await a.workflows.start(spec, { requestId: 'once' });
  const again = await b.workflows.start(spec, { requestId: 'once' });
  expect(again).toMatchObject({ workflowId, alreadyStarted: true });
  let taskId = '';
  await expect
    .poll(async () => {
      for await (const approval of b.approvals.list()) taskId = approval.taskId;
      return taskId;
    })
    .not.toBe('');
  await b.approvals.approve(taskId);
  expect((await a.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).state).toBe('SUCCEEDED');
});

test('what is cancelled at the other coordinator stops, with results so far', async () => {
  const { a, b, agentAt } = setup('cancelled');
  const begun = gate();
  let aborted = 0;
  const stuck: Work = (_, { signal }) => {
    begun.open();
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        aborted += 1;
        reject(signal.reason);
      }),
    );
  };
  await agentAt('here', { quick: () => 'quick', stuck });
  const spec = workflow('cancelled').group('g', (group) =>
    group
      .task('quick', { kind: 'quick' })
      .task('stuck', { kind: 'stuck', dependsOn: 'quick' })
      .task('never', { kind: 'quick', dependsOn: 'stuck' }),
  );
  const { workflowId } = await a.workflows.start(spec);
  await begun.opened;
  await b.workflows.cancel(workflowId, { reason: 'enough' });
  await expect(a.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).rejects.toMatchObject({
    state: 'CANCELLED',
  });
  expect(aborted).toBe(1);
  expect(await openTasks(a, workflowId)).toEqual([]);
  const { nodes } = await b.workflows.get(workflowId);
  expect(nodes.map(({ taskId, state }) => [taskId, state])).toEqual([
    ['', 'CANCELLED'],
    ['quick', 'SUCCEEDED'],
    ['stuck', 'CANCELLED'],
    ['never', 'CANCELLED'],
  ]);
  expect(await b.workflows.context(workflowId, 'outputs.g.quick')).toBe('quick');
});

test('what is changed in the context at one coordinator is seen by the other', async () => {
  const { a, b, agentAt } = setup('patched');
  const [begun, { open, opened }] = [gate(), gate()];
  const hold = async () => {
    begun.open();
    await opened;
  };
  // All its tasks end at the first, which has read the context before it is changed.
  await agentAt('here', { hold, greet: (input: { name: string }) => `Hello ${input.name}` });
  const spec = workflow('patched')
    .context({ go: false, name: 'nobody' })
    .group('g', (group) =>
      group.task('hold', { kind: 'hold', input: { name: '{{ context.name }}' } }).task('greet', {
        kind: 'greet',
        dependsOn: 'hold',
        condition: 'context.go',
        input: { name: '{{ context.name }}' },
      }),
    );
  const { workflowId } = await a.workflows.start(spec);
  await begun.opened;
  const { pathVersion } = await b.workflows.get(workflowId, { path: 'name' });
  await b.workflows.updateContext(workflowId, [
    { path: 'go', value: true },
    { path: 'name', value: 'Ada', expectedVersion: pathVersion },
  ]);
  const stale = [{ path: 'name', value: 'Bob', expectedVersion: pathVersion }];
  await expect(a.workflows.updateContext(workflowId, stale)).rejects.toMatchObject({ code: 'ABORTED' });
  open();
  await a.workflows.wait(workflowId, { timeoutMs: WAIT_MS });
  expect(await a.workflows.context(workflowId, 'outputs.g.greet')).toBe('Hello Ada');
});
