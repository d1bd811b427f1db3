import { type Agent, type AgentOptions, agent, createClient } from '@reeve/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import type { RawSettings } from '../../src/settings/resolve-settings.js';
import { openEmbedded } from '../support/embedded.js';

describe('why a task is where it is', () => {
  let coordinator: Coordinator | undefined;
  const running: Agent[] = [];
  let finish: () => void = () => undefined;

  afterEach(async () => {
    finish();
    await Promise.all(running.splice(0).map((a) => a.stop()));
    await coordinator?.stop();
    coordinator = undefined;
  });

  async function setup(settings: RawSettings = {}) {
    coordinator = await openEmbedded(settings);
    const { address } = coordinator;
    const client = createClient({ address });
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    return {
      client,
      async start(agentId: string, options: AgentOptions = {}) {
        const worker = agent({ agentId, address, slots: 1, log: QUIET, ...options });
        worker.handle('work', async () => agentId);
        worker.handle('long', () => finished.then(() => agentId));
        await worker.start();
        running.push(worker);
      },
      async until(taskId: string, state: string) {
        for await (const task of client.watch([taskId])) if (task.state === state) return;
      },
    };
  }

  test('one that is skipped because its plan failed shows what the policy said', async () => {
    const { client, start } = await setup();
    await start('plain');
    await client.policies.put({
      ...{ policyId: 'liar', kind: 'PLAN_RETRIEVE', cel: '"stranger"', onError: 'REJECT' },
    } as const);
    const routing = { strategy: 'PLAN_RETRIEVE' } as const;
    const task = await client.submit({ kind: 'work', routing, policies: { planRetrieve: 'liar' } });
    await expect(task.wait()).rejects.toThrow('PLAN_FAILED');
    expect(await client.explain(task.taskId)).toMatchObject({
      state: 'SKIPPED',
      decisions: [{ policyId: 'liar', version: 1, failure: 'WRONG_RESULT' }],
    });
  });

  test('one that waits for a plan and has no policy to make it says so, and starts once one is set', async () => {
    const { client, start } = await setup();
    const routing = { strategy: 'PLAN_RETRIEVE', fallback: 'NONE' } as const;
    const task = await client.submit({ kind: 'work', routing });
    expect((await client.explain(task.taskId)).blockers).toMatchObject([
      {
        text: 'A plan policy is to choose its agent, and none is set.',
        change: { change: 'setPolicy', kind: 'PLAN_RETRIEVE', policyId: '' },
        changeText: 'plan_retrieve_policy is set to a policy that exists',
        effect: { starts: true },
      },
      { text: 'No agent is connected.', change: { change: 'addAgent' } },
    ]);
    await start('plain');
    expect((await client.explain(task.taskId)).blockers).toHaveLength(1);
    await client.policies.put({ policyId: 'pick', kind: 'PLAN_RETRIEVE', cel: '"plain"' });
    await client.config.set('plan_retrieve_policy', 'pick');
    expect(await task.wait()).toBe('plain');
  });

  test('nobody may get it: who is needed is said, and one who comes gets it', async () => {
    const { client, start } = await setup();
    await start('plain');
    const requirements = { capabilities: ['gpu'], region: 'eu' };
    const task = await client.submit({ kind: 'work', input: 1, requirements });
    const explained = await client.explain(task.taskId);
    expect(explained).toMatchObject({
      state: 'QUEUED',
      blockers: [
        {
          text: 'The only connected agent may not get it: it is without its capabilities.',
          change: { change: 'addAgent', requirements },
          changeText: 'an agent with room connects that has the capability gpu and the region eu',
          effect: { starts: true },
        },
      ],
      place: { position: 1, ahead: 0 },
      candidates: [
        {
          agentId: 'plain',
          eligible: false,
          reasons: ['lacks the capability gpu', 'is in no region, not in eu'],
        },
      ],
      agentCount: 1,
    });
    await start('fit', { capabilities: ['gpu'], region: 'eu' });
    expect(await task.wait()).toBe('fit');
    const after = await client.explain(task.taskId);
    expect(after.text).toMatch(
      /^It succeeded at .* with agent fit, in attempt 1\. It was the only one of those that may get it that was free/,
    );
    expect(after.blockers).toEqual([]);
  });

  test('all are busy: a slot and those before it are named, and what took the slot was chosen by load', async () => {
    const { client, start, until } = await setup();
    await start('a', { slots: 4 });
    await start('b', { slots: 2 });
    const first = await client.submit({ kind: 'long', input: 1, requirements: { agentId: 'b' } });
    await until(first.taskId, 'RUNNING');
    const second = await client.submit({ kind: 'long', input: 1 });
    await until(second.taskId, 'RUNNING');
    expect(await client.explain(first.taskId)).toMatchObject({
      state: 'RUNNING',
      selection: { agentId: 'b', strategy: 'ADDRESSED' },
      text: expect.stringContaining('The submitter named it.'),
    });
    expect(await client.explain(second.taskId)).toMatchObject({
      text: expect.stringContaining(
        'LEAST_CONNECTIONS chose it before b: tasks in flight ÷ slots, 0 against 0.5',
      ),
      selection: {
        agentId: 'a',
        strategy: 'LEAST_CONNECTIONS',
        measure: 'tasks in flight ÷ slots',
        cost: 0,
        runnerUpAgentId: 'b',
        runnerUpCost: 0.5,
        free: 2,
      },
    });
    const more = await Promise.all(
      Array.from({ length: 4 }, () => client.submit({ kind: 'long', input: 1 })),
    );
    for (const { taskId } of more) await until(taskId, 'RUNNING');
    const [ahead, task] = [
      await client.submit({ kind: 'long', input: 1, tier: 'HIGH' }),
      await client.submit({ kind: 'long', input: 1 }),
    ];
    const { blockers, place, candidates } = await client.explain(task.taskId);
    expect(blockers.map(({ change }) => change)).toEqual([
      { change: 'freeSlot', agentIds: ['a', 'b'] },
      { change: 'aheadLeave', count: 1, taskIds: [ahead.taskId] },
    ]);
    expect(place).toMatchObject({ position: 2, ahead: 1, overtakenAtMostMs: 42 * 3_600_000 });
    expect(candidates.map(({ agentId, free, reasons }) => ({ agentId, free, reasons }))).toEqual([
      { agentId: 'a', free: false, reasons: ['has no room: 4 slots are taken'] },
      { agentId: 'b', free: false, reasons: ['has no room: 2 slots are taken'] },
    ]);
    finish();
    await task.wait();
  });

  test('paused, blocked, delayed, cancelled: each says what it waits for or how it ended', async () => {
    const { client, start } = await setup();
    await start('a');
    await client.queue.pause({ kind: 'work' }, { reason: 'site down' });
    const paused = await client.submit({ kind: 'work', input: 1 });
    const blocked = await client.submit({ kind: 'work', input: 1, dependsOn: [paused.taskId] });
    const runAt = new Date(Date.now() + 3_600_000);
    const delayed = await client.submit({ kind: 'work', input: 1, runAt });
    expect((await client.explain(paused.taskId)).blockers).toMatchObject([
      {
        text: expect.stringMatching(
          /^The queue of kind work was paused by anonymous at 20\d\d-.*Z: site down\.$/,
        ),
        change: { change: 'resumeQueue', part: { kind: 'work' } },
        changeText: 'the queue of kind work is resumed',
      },
    ]);
    expect((await client.explain(blocked.taskId)).blockers).toMatchObject([
      { change: { change: 'finishTasks', taskIds: [paused.taskId], count: 1 }, effect: { state: 'QUEUED' } },
    ]);
    expect((await client.explain(delayed.taskId)).blockers).toMatchObject([
      { change: { change: 'waitUntil', time: runAt }, effect: { state: 'QUEUED' } },
    ]);
    await client.cancel(delayed.taskId, { reason: 'not needed' });
    const gone = await client.explain(delayed.taskId);
    expect(gone.text).toMatch(/^It was cancelled at .* by anonymous: not needed\.$/);
    await client.queue.resume({ kind: 'work' });
    expect(await client.run({ kind: 'work', input: 2 })).toBe('a');
    expect((await client.get(blocked.taskId)).state).not.toBe('SKIPPED');
    await expect(client.explain(paused.taskId.replace(/^.{8}/, '00000000'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
