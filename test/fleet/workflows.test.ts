import { type Agent, agent, type Client, createClient, type HandlerContext, workflow } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { silent } from '../support/steps.js';

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, 120_000);
afterAll(() => fleet.stop());

const WAIT_MS = 50_000;
type Work = (input: never, ctx: HandlerContext) => unknown;

/** An organisation of its own, with a client of each coordinator; agents are where they are asked for. */
function setup(org: string) {
  const [here = '', there = ''] = fleet.addresses;
  const [a, b] = [here, there].map((address) => createClient({ address, org })) as [Client, Client];
  onTestFinished(() => {
    for (const client of [a, b]) client.close();
  });
  let count = 0;
  async function agentAt(at: 'here' | 'there', kinds: Readonly<Record<string, Work>>, slots = 20) {
    const address = at === 'here' ? here : there;
    count += 1;
    const it: Agent = agent({ agentId: `${org}-${count}`, address, org, slots, log: silent });
    for (const [kind, work] of Object.entries(kinds)) it.handle<never>(kind, work);
    onTestFinished(() => it.stop({ graceMs: 0 }));
    await it.start();
  }
  return { a, b, agentAt };
}

/** Opened once, by whoever has waited long enough. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

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

describe('the coordinator at which it was started', () => {
  const ITEMS = 1_100;
  const spec = workflow('goes-on')
    .context({ list: Array.from({ length: ITEMS }, (_, n) => n) })
    .group('first', (group) => group.task('hold', { kind: 'hold' }))
    .group('many', { dependsOn: 'first' }, (group) =>
      group.task('each', {
        kind: 'each',
        expand: { array: { n: 'context.list' }, outputFormat: 'merge', mergeStrategy: 'concat' },
      }),
    );

  test.each(['stop', 'kill'] as const)(
    'ends (%s) while it runs, and the others complete it',
    async (end) => {
      const org = `ends-by-${end}`;
      const { a, b, agentAt } = setup(org);
      const third = await fleet.add();
      onTestFinished(async () => void (await third.kill()));
      const [begun, { open, opened }] = [gate(), gate()];
      const ran: number[] = [];
      const each = ({ n }: { n: number }) => {
        ran.push(n);
        return [n];
      };
      const hold = async () => {
        begun.open();
        await opened;
      };
      await agentAt('here', { each, hold }, 100);
      await agentAt('there', { each }, 100);
      const client = createClient({ address: third.address, org });
      const { workflowId } = await client.workflows.start(spec);
      client.close();
      await begun.opened;
      await third[end]();
      open();
      expect((await b.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).state).toBe('SUCCEEDED');
      expect(ran).toHaveLength(ITEMS);
      const all = await a.workflows.context<{ result: number[] }>(workflowId, 'outputs.many.each');
      expect(all?.result).toEqual(Array.from({ length: ITEMS }, (_, n) => n));
    },
    120_000,
  );

  test('is killed while it makes the tasks of an expansion, and the others make the rest', async () => {
    const org = 'ends-expanding';
    const { a, b, agentAt } = setup(org);
    const third = await fleet.add({ env: { REEVE_FAILPOINTS: 'workflow.between-chunks=exit@1' } });
    onTestFinished(async () => void (await third.kill()));
    const ran: number[] = [];
    const each = ({ n }: { n: number }) => {
      ran.push(n);
      return [n];
    };
    const client = createClient({ address: third.address, org });
    const list = Array.from({ length: ITEMS }, (_, n) => n);
    const expanding = workflow('expanding')
      .context({ list })
      .group('many', (group) =>
        group.task('each', {
          kind: 'each',
          expand: { array: { n: 'context.list' }, outputFormat: 'merge', mergeStrategy: 'concat' },
        }),
      );
    const { workflowId } = await client.workflows.start(expanding);
    client.close();
    expect((await third.exited).signal).toBe('SIGKILL');
    await agentAt('here', { each }, 100);
    await agentAt('there', { each }, 100);
    expect((await b.workflows.wait(workflowId, { timeoutMs: WAIT_MS })).state).toBe('SUCCEEDED');
    expect(ran.sort((x, y) => x - y)).toEqual(list);
    const all = await a.workflows.context<{ result: number[] }>(workflowId, 'outputs.many.each');
    expect(all?.result).toEqual(list);
  }, 120_000);
});
