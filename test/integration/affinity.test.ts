import { type Agent, agent, type Client, createClient, workflow } from '@reeve/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { openEmbedded } from '../support/embedded.js';

const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let coordinator: Coordinator;
let client: Client;
const running: Agent[] = [];

beforeEach(async () => {
  coordinator = await openEmbedded();
  client = createClient({ address: coordinator.address });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop({ graceMs: 0 })));
  client.close();
  await coordinator.stop();
});

/** An agent that answers with its id; a task that is told to lasts until the agent is stopped. */
async function start(agentId: string, slots: number): Promise<void> {
  const worker = agent({ agentId, address: coordinator.address, slots, log: QUIET });
  worker.handle<{ lasts?: boolean }, string>('work', async ({ lasts }, ctx) => {
    if (lasts) await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    return agentId;
  });
  await worker.start();
  running.push(worker);
}

/** Whom a task of the key went to. */
const give = (affinityKey?: string) =>
  client.run<string>({ kind: 'work', input: {}, ...(affinityKey && { affinityKey }) });

/** Has its agent until that is stopped. */
async function begin(agentId: string): Promise<void> {
  const { taskId } = await client.submit({
    kind: 'work',
    input: { lasts: true },
    requirements: { agentId },
  });
  for await (const { state } of client.watch(taskId)) if (state === 'RUNNING') return;
}

test('the tasks of a session stay with the agent that did its first, whatever else is given out', async () => {
  for (const id of ['a', 'b', 'c']) await start(id, 16);
  const sessions = ['s1', 's2', 's3', 's4', 's5', 's6'].map(async (key) => {
    const first = await give(key);
    const others: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      await give();
      others.push(await give(key));
    }
    expect(new Set(others)).toEqual(new Set([first]));
    return first;
  });
  expect(new Set(await Promise.all(sessions)).size).toBeGreaterThan(1);
});

test('the explanation says that it had the context, and whom the strategy had named', async () => {
  await start('a', 4);
  expect(await give('session')).toBe('a');
  await begin('a');
  await start('b', 4);
  const { taskId } = await client.submit({ kind: 'work', input: {}, affinityKey: 'session' });
  expect(await client.wait(taskId)).toBe('a');
  const { selection, text } = await client.explain(taskId);
  expect(selection).toMatchObject({ agentId: 'a', strategy: 'AFFINITY', runnerUpAgentId: 'b', free: 2 });
  expect(text).toContain('It did a task of the same affinity key lately, so it goes before b');
});

test('a warm agent that is busy is not waited for, and who did the task instead is warm from then on', async () => {
  await start('a', 1);
  expect(await give('session')).toBe('a');
  await begin('a');
  await start('b', 4);
  expect(await give('session')).toBe('b');
  await begin('b');
  await start('c', 4);
  expect(await give()).toBe('c');
  expect(await give('session')).toBe('b');
});

test('the steps of a workflow that are for one item stay with the agent that did its first', async () => {
  const did = new Map<string, string>();
  for (const agentId of ['a', 'b', 'c']) {
    const worker = agent({ agentId, address: coordinator.address, slots: 16, log: QUIET });
    for (const step of ['read', 'check']) {
      worker.handle<{ file: string }, null>(step, async ({ file }) => {
        did.set(`${step} ${file}`, agentId);
        return null;
      });
    }
    await worker.start();
    running.push(worker);
  }
  const files = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7'];
  const each = { expand: { array: { file: 'context.files' } }, affinityKey: 'file/{{ item.file }}' };
  const spec = workflow('files')
    .context({ files })
    .group('g', (group) =>
      group.task('read', { kind: 'read', ...each }).task('check', {
        ...{ kind: 'check', ...each, dependsOn: 'read' },
        limitKeys: ['{{ item.file }}'],
        fairnessKey: '{{ item.file }}',
      }),
    );
  const started = await client.workflows.start(spec);
  await started.wait();
  for (const file of files) expect([file, did.get(`check ${file}`)]).toEqual([file, did.get(`read ${file}`)]);
  expect(new Set(did.values()).size).toBe(3);
});
