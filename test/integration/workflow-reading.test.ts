import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { type Workflow, WorkflowEventType, WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { stateOf, workflowWorld } from '../support/workflow-world.js';

const { method } = WorkflowService;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

const setup = () => workflowWorld(coordinator.address);

const task = (taskId: string, more: JsonObject = {}): JsonObject => ({ taskId, kind: 'k', ...more });
const group = (groupId: string, tasks: JsonObject[], more: JsonObject = {}): JsonObject => ({
  groupId,
  tasks,
  ...more,
});
const spec = (groups: JsonObject[], more: JsonObject = {}): JsonObject => ({ groups, ...more });
const simple = (more: JsonObject = {}): JsonObject => spec([group('g', [task('t')])], more);

describe('WatchWorkflow', () => {
  const CHAIN = spec([
    group('g', [task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] })]),
  ]);

  test('tells of it from its beginning to its end, each event once', async () => {
    const world = setup();
    const workflowId = await world.start(CHAIN);
    const messages: Workflow[] = [];
    const seqs: number[] = [];
    let agentStarted = false;
    for await (const { workflow, events } of world.watch(workflowId, 0n)) {
      if (!workflow) continue;
      messages.push(workflow);
      seqs.push(...events.map(({ seq }) => Number(seq)));
      if (!agentStarted) await world.agent({ k: () => 1 });
      agentStarted = true;
    }
    const last = messages.at(-1);
    expect(last && stateOf(last)).toBe('SUCCEEDED');
    expect(last?.progress).toMatchObject({ fraction: 1, succeededCount: 3n });
    expect(seqs).toEqual((await world.events(workflowId)).map(({ seq }) => Number(seq)));
    const fractions = messages.map(({ progress }) => progress?.fraction ?? 0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions[0]).toBeLessThan(1);
  });

  test('goes on after a number, and of one that has ended tells the rest', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const workflowId = await world.start(CHAIN);
    await world.ended(workflowId);
    const all = await world.events(workflowId);
    const told: bigint[] = [];
    for await (const { events } of world.watch(workflowId, 3n)) told.push(...events.map(({ seq }) => seq));
    expect(told).toEqual(all.slice(3).map(({ seq }) => seq));
    const none: unknown[] = [];
    for await (const message of world.watch(workflowId)) none.push(message);
    expect(none).toMatchObject([{ events: [], workflow: { workflowId } }]);
    expect(all.at(-1)?.type).toBe(WorkflowEventType.FINISHED);
  });
});

describe('GetWorkflow', () => {
  const half = 'x'.repeat(1.5 * 1024 * 1024);

  test('answers the parts that are asked for', async () => {
    const world = setup();
    const workflowId = await world.start(
      spec([group('g', [task('a', { kind: 'nobody-does' })])], { context: { list: [{ a: 1 }] } }),
    );
    const basic = await world.get(workflowId);
    expect([basic.spec, basic.context]).toEqual([undefined, undefined]);
    await expect.poll(() => world.context(workflowId, 'list[0].a')).toBe(1);
    const bad = await failureOf(world.get(workflowId, { contextPath: 'a..b' }));
    expect(detailsOf(bad).fields).toEqual(['context_path']);
    const { pathVersion } = await world.getFully(workflowId, { contextPath: 'nothing.here' });
    expect(pathVersion).toBe(0n);
    await world.grpc.call(method.cancelWorkflow, { workflowId }, world.meta);
  });

  test('says so where all of it is more than an answer takes, and answers a part', async () => {
    const world = setup();
    const workflowId = await world.start(
      spec([group('g', [task('a', { kind: 'nobody-does' })])], { context: { half, other: half } }),
    );
    await expect.poll(() => world.context(workflowId, 'half')).toBe(half);
    const { info } = detailsOf(await failureOf(world.get(workflowId, { view: 'WORKFLOW_VIEW_FULL' })));
    expect(info?.reason).toBe('ANSWER_TOO_LARGE');
    await world.grpc.call(method.cancelWorkflow, { workflowId }, world.meta);
  });
});

describe('WaitWorkflow', () => {
  test('gives up in time', async () => {
    const world = setup();
    const workflowId = await world.start(spec([group('g', [task('a', { kind: 'nobody-does' })])]));
    const began = performance.now();
    const maxWait = { seconds: 0n, nanos: 300_000_000 };
    const { workflow } = await world.grpc.call(method.waitWorkflow, { workflowId, maxWait }, world.meta);
    expect(performance.now() - began).toBeGreaterThan(250);
    expect(workflow?.finishTime).toBeUndefined();
    await world.grpc.call(method.cancelWorkflow, { workflowId }, world.meta);
  });
});

test('who only waits is sent away when the server ends', async () => {
  const own = await openEmbedded();
  onTestFinished(() => own.stop());
  const world = workflowWorld(own.address);
  const workflowId = await world.start(spec([group('g', [task('a', { kind: 'nobody-does' })])]));
  const waiting = failureOf(world.ended(workflowId));
  const watch = world.watch(workflowId);
  await watch.next();
  const watching = failureOf(
    (async () => {
      for await (const _ of watch);
    })(),
  );
  await own.stop();
  for (const error of await Promise.all([waiting, watching])) expect(error.code).toBe(status.UNAVAILABLE);
});

describe('ListWorkflows', () => {
  test('comes newest first, page by page, by state, name and labels', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const name = i % 2 === 0 ? 'even' : 'odd';
      ids.unshift(await world.start(simple({ name, labels: { i: String(i), all: 'yes' } })));
    }
    for (const id of ids) await world.ended(id);
    const list = (
      request: Parameters<
        typeof world.grpc.call<typeof method.listWorkflows.input, typeof method.listWorkflows.output>
      >[1],
    ) => world.grpc.call(method.listWorkflows, request, world.meta);
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await list({ pageSize: 2, pageToken });
      expect(page.workflows.length).toBeLessThanOrEqual(2);
      found.push(...page.workflows.map(({ workflowId }) => workflowId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(found).toEqual(ids);
    const idsOf = async (request: Parameters<typeof list>[0]) =>
      (await list(request)).workflows.map(({ workflowId }) => workflowId);
    expect(await idsOf({ name: 'odd' })).toEqual([ids[1], ids[3]]);
    expect(await idsOf({ labels: { i: '0', all: 'yes' } })).toEqual([ids[4]]);
    expect(await idsOf({ labels: { i: '0', all: 'no' } })).toEqual([]);
    const [first] = (await list({})).workflows;
    expect(first).toMatchObject({ name: 'even', labels: { i: '4', all: 'yes' }, nodes: [] });
    expect(await idsOf({ states: [first?.state ?? 0] })).toEqual(ids);
    const { nextPageToken } = await list({ pageSize: 2 });
    const other = detailsOf(await failureOf(list({ pageSize: 2, name: 'odd', pageToken: nextPageToken })));
    expect(other.fields).toEqual(['page_token']);
  });
});

describe('over HTTP', () => {
  async function post(world: { org: string }, name: string, body: JsonValue) {
    const url = `http://${coordinator.httpAddress}/reeve.v1.WorkflowService/${name}`;
    const headers = { 'content-type': 'application/json', org: world.org };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, json: (await answer.json()) as JsonObject };
  }

  test('a workflow is started, waited for and read as JSON', async () => {
    const world = setup();
    await world.agent({ k: (input) => input });
    const started = await post(world, 'StartWorkflow', {
      spec: {
        context: { user: { name: 'Ann' } },
        groups: [
          { group_id: 'g', tasks: [{ task_id: 't', kind: 'k', input: { who: '{{ context.user }}' } }] },
        ],
      },
    });
    expect(started.status).toBe(200);
    const { workflowId } = started.json.workflow as { workflowId: string };
    const waited = await post(world, 'WaitWorkflow', { workflowId });
    expect(waited.json.workflow).toMatchObject({ state: 'WORKFLOW_STATE_SUCCEEDED' });
    const read = await post(world, 'GetWorkflow', { workflowId, view: 'WORKFLOW_VIEW_FULL' });
    expect(read.json.workflow).toMatchObject({
      context: { user: { name: 'Ann' }, outputs: { g: { t: { who: { name: 'Ann' } } } } },
      spec: { groups: [{ groupId: 'g', tasks: [{ taskId: 't', input: { who: '{{ context.user }}' } }] }] },
    });
    const wrong = await post(world, 'StartWorkflow', { spec: { groups: [] } });
    expect(wrong.status).toBe(400);
  });

  test('a workflow is followed line by line', async () => {
    const world = setup();
    await world.agent({ k: () => 1 });
    const workflowId = await world.start(simple());
    const url = `http://${coordinator.httpAddress}/reeve.v1.WorkflowService/WatchWorkflow`;
    const headers = { 'content-type': 'application/json', org: world.org };
    const body = JSON.stringify({ workflowId, afterSeq: 0 });
    const answer = await fetch(url, { method: 'POST', headers, body });
    const lines = (await answer.text()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({
      workflow: { state: 'WORKFLOW_STATE_SUCCEEDED' },
    });
  });
});

test('a context is told with the version that it has, also while the workflow begins', async () => {
  const world = setup();
  for (let i = 0; i < 40; i++) {
    const workflowId = await world.start(simple({ context: { user: { name: 'Ada' } } }));
    const { workflow, pathVersion } = await world.grpc.call(
      method.getWorkflow,
      { workflowId, contextPath: 'user.name' },
      { org: world.org },
    );
    expect(workflow?.contextVersion).toBeGreaterThanOrEqual(pathVersion);
  }
});
