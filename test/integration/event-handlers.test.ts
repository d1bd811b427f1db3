import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import type { WorkflowUpdate } from '@reeve/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Happening, TaskHappening, WorkflowHappening } from '../../src/handlers/event.js';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { workflowWorld } from '../support/workflow-world.js';

/** A coordinator with modules as its event handlers, which push to `told`. */
async function setup(...modules: readonly string[]) {
  const folder = temporaryFolder('handlers');
  const told: Happening[] = [];
  const name = path.basename(folder);
  Object.assign(globalThis, { [name]: told });
  const files = modules.map((text, i) => {
    const file = path.join(folder, `m${i}.mjs`);
    writeFileSync(file, `const told = globalThis['${name}'];\n${text}`);
    return file;
  });
  const coordinator = await openEmbedded({ 'event-handlers': files.join(',') });
  onTestFinished(() => coordinator.stop());
  const metrics = async () => {
    const text = await (await fetch(`http://${coordinator.httpAddress}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('reeve_event_handler'));
    return lines.map((line) => line.replaceAll(`${folder}/`, ''));
  };
  return { ...workflowWorld(coordinator.address), coordinator, told, metrics };
}

const ALL = `export async function onTaskEvent(event) { await null; told.push(event); }
export function onWorkflowEvent(event) { told.push(event); }`;

const TWO_STEPS: JsonObject = {
  name: 'two steps',
  groups: [
    { groupId: 'one', tasks: [{ taskId: 'a', kind: 'work', input: {} }] },
    { groupId: 'two', dependsOn: ['one'], tasks: [{ taskId: 'b', kind: 'work', input: {} }] },
  ],
};

const until = (check: () => unknown) => vi.waitFor(check, 20_000);

test('handlers are told of every event of a workflow and of its tasks, as the trails have them', async () => {
  const { agent, start, ended, told, client, events } = await setup(ALL);
  await agent({ work: () => ({ done: true }) });
  const workflowId = await start(TWO_STEPS);
  await ended(workflowId);

  const ofWorkflow = () =>
    told.filter((e): e is WorkflowHappening => e.subject === 'workflow' && e.workflowId === workflowId);
  const trail = await events(workflowId);
  await until(() => expect(ofWorkflow()).toHaveLength(trail.length));
  expect(ofWorkflow().map(({ seq, node, reason }) => ({ seq, node, reason }))).toEqual(
    trail.map(({ seq, node, reason }) => ({ seq: Number(seq), node, reason })),
  );
  expect(ofWorkflow().at(-1)).toMatchObject({ type: 'FINISHED', state: 'SUCCEEDED' });

  const ofTasks = told.filter((e): e is TaskHappening => e.subject === 'task');
  const ids = new Set(ofTasks.map(({ taskId }) => taskId));
  expect(ids.size).toBe(2);
  for (const taskId of ids) {
    const trail = [];
    for await (const event of client.events(taskId)) trail.push(event);
    const seen = () => told.filter((e) => e.subject === 'task' && e.taskId === taskId);
    await until(() => expect(seen()).toHaveLength(trail.length));
    expect(seen().map(({ seq, type, state }) => ({ seq, type, state }))).toEqual(
      trail.map(({ seq, type, state }) => ({ seq: Number(seq), type, state })),
    );
    expect(trail.map(({ type }) => type)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
  }
});

test('a client is told of the events of a workflow and of the tasks of a filter, by its handlers', async () => {
  const { agent, start, client, events } = await setup();
  const states = new Map<string, string[]>();
  const errors: unknown[] = [];
  const error = (cause: unknown) => errors.push(cause);
  const off = client.on(
    'task',
    { filter: { kinds: ['work'] }, skipSnapshot: true },
    async (update) => {
      await null;
      if (update.type !== 'CHANGED') return;
      const { taskId, state } = update.task;
      states.set(taskId, [...(states.get(taskId) ?? []), state]);
    },
    { error },
  );
  await agent({ work: () => ({ done: true }) });
  const workflowId = await start(TWO_STEPS);
  const told: number[] = [];
  const news = (update: WorkflowUpdate) => void told.push(...update.events.map(({ seq }) => seq));
  await new Promise<void>((end) => {
    client.on('workflow', { workflowId, afterSeq: 0 }, news, { error, end });
  });

  expect(told).toEqual((await events(workflowId)).map(({ seq }) => Number(seq)));
  await until(() =>
    expect([...states.values()].map((seen) => seen.at(-1))).toEqual(['SUCCEEDED', 'SUCCEEDED']),
  );
  off();
  expect(errors).toEqual([]);
});

test('one that fails and one that hangs hurt neither tasks nor the others, and are counted', async () => {
  const { agent, client, told, metrics } = await setup(
    'export async function onTaskEvent() { throw new Error("away"); }',
    'export const onTaskEvent = () => new Promise(() => {});',
    `export function register(events) {
      const off = events.on('task.SUCCEEDED', (event) => { told.push(event); off(); });
    }`,
  );
  await agent({ work: () => 'done' });
  const handles = [];
  for (let i = 0; i < 3; i++) handles.push(await client.submit({ kind: 'work', input: i }));
  expect(await Promise.all(handles.map((handle) => handle.wait()))).toEqual(['done', 'done', 'done']);

  await until(async () =>
    // In whatever order they were counted first; the one that hangs may be given up meanwhile.
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'reeve_event_handler_calls_total{handler="m0.mjs#onTaskEvent",outcome="failed"} 12',
        'reeve_event_handler_calls_total{handler="m2.mjs#task.SUCCEEDED",outcome="ok"} 1',
      ]),
    ),
  );
  expect(told).toHaveLength(1);
});

test('what was done before a stop is told before it ends', async () => {
  const { client, coordinator, told } = await setup(ALL);
  const { taskId } = await client.submit({ kind: 'nobody' });
  await client.cancel(taskId);
  await coordinator.stop();
  expect(told.map(({ type }) => type)).toEqual(['SUBMITTED', 'CANCELLED']);
});

test('a module that cannot be loaded ends the start, by its name', async () => {
  await expect(openEmbedded({ 'event-handlers': './no-such-module.mjs' })).rejects.toMatchObject({
    reason: 'EVENT_HANDLER_UNUSABLE',
    message: expect.stringContaining('"./no-such-module.mjs"'),
  });
});
