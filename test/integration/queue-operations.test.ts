import { randomUUID } from 'node:crypto';
import { type Client, createClient, type OperationInfo, ReeveError, type TaskRequest } from '@reeve/sdk';
import { CoordinatorService, type Tier } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { openRawAgent } from '../support/raw-agent.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let coordinator: Coordinator;
let client: Client;

beforeAll(async () => {
  coordinator = await openEmbedded();
  client = createClient({ address: coordinator.address });
});
afterAll(async () => {
  client.close();
  await coordinator.stop();
});

async function submitMany(count: number, task: TaskRequest, to = client): Promise<string[]> {
  const outcomes = await to.submitMany(Array.from({ length: count }, () => task));
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return outcome.task.taskId;
  });
}

async function statesOf(kind: string, from = client): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { state } of from.list({ kinds: [kind] })) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const failure = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: unknown) => (error instanceof ReeveError ? `${error.code} ${error.reason}` : String(error)),
  );

describe('a part of the queue that is cleared', () => {
  test('is not claimed from once that is acknowledged, while the other tiers go on; each task has it in its trail', async () => {
    const kind = `clear-${randomUUID()}`;
    const low = await submitMany(1_300, { kind, tier: 'LOW' });
    const high = await submitMany(20, { kind, tier: 'HIGH' });
    const begun = await client.queue.clear({ tier: 'LOW', kind }, { reason: 'not wanted' });
    const agent = await openRawAgent(coordinator.address, kind, kind);
    agent.grant(100);
    const given = await agent.assignments(20);
    agent.accept(...given);
    expect(given.map(({ claim }) => claim?.taskId).sort()).toEqual([...high].sort());

    const seen: OperationInfo[] = [];
    const ended = await client.operations.wait(begun.operationId, { onProgress: (o) => seen.push(o) });
    expect(ended).toMatchObject({ verb: 'CLEAR_QUEUE', state: 'SUCCEEDED', totalCount: 1_300 });
    expect(ended).toMatchObject({ doneCount: 1_300, skippedCount: 0, failedCount: 0, error: '' });
    expect(ended.stateCounts).toEqual({ QUEUED: 1_300 });
    const done = seen.map(({ doneCount }) => doneCount);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(agent.has('assignments')).toBe(false);
    for (const id of [low[0], low[650], low.at(-1)]) {
      const events = [];
      for await (const event of client.events(id ?? '')) events.push(event);
      expect(events.map(({ type, actorSubjectId, reason }) => [type, actorSubjectId, reason])).toEqual([
        ['SUBMITTED', 'anonymous', ''],
        ['CANCELLED', 'anonymous', 'not wanted'],
      ]);
    }
    const { CANCELLED, ...others } = await statesOf(kind);
    expect(CANCELLED).toBe(1_300);
    expect(Object.values(others).reduce((a, b) => a + b, 0)).toBe(20);

    // The hold has ended with it.
    const [later] = await submitMany(1, { kind, tier: 'LOW' });
    expect((await agent.assignments(1))[0]?.claim?.taskId).toBe(later);
    agent.close();
  });

  test('a dry run counts by state and kind, and changes and holds nothing', async () => {
    const kind = `dry-${randomUUID()}`;
    await submitMany(3, { kind, tier: 'LOW' });
    await submitMany(2, { kind, tier: 'LOW', runAt: new Date(Date.now() + 3_600_000) });
    const { operationId } = await client.queue.clear({ kind }, { dryRun: true, includeDelayed: true });
    const counted = await client.operations.wait(operationId);
    expect(counted).toMatchObject({ dryRun: true, state: 'SUCCEEDED', totalCount: 5, doneCount: 0 });
    expect(counted.stateCounts).toEqual({ QUEUED: 3, SCHEDULED: 2 });
    expect(counted.kindCounts).toEqual({ [kind]: 5 });
    expect(await statesOf(kind)).toEqual({ QUEUED: 3, SCHEDULED: 2 });
    const { lanes } = await client.queue.stats({ kind });
    expect(lanes).toMatchObject([{ kind, tier: 'LOW', waiting: 3, held: false }]);

    const queued = await client.operations.wait((await client.queue.clear({ kind })).operationId);
    expect(queued).toMatchObject({ doneCount: 3 });
    expect(await statesOf(kind)).toEqual({ CANCELLED: 3, SCHEDULED: 2 });
  });

  test('a restart goes on with it, and nothing of the part is given out meanwhile', async () => {
    const data = temporaryFolder('queue-restart');
    const first = await openEmbedded({ data });
    const before = createClient({ address: first.address });
    await submitMany(1_200, { kind: 'k', tier: 'LOW' }, before);
    const { operationId } = await before.queue.clear({ tier: 'LOW' });
    before.close();
    await first.stop();

    const second = await openEmbedded({ data });
    const after = createClient({ address: second.address });
    const agent = await openRawAgent(second.address, 'a', 'k');
    agent.grant(100);
    const ended = await after.operations.wait(operationId);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', totalCount: 1_200, doneCount: 1_200, skippedCount: 0 });
    expect(await statesOf('k', after)).toEqual({ CANCELLED: 1_200 });
    expect(agent.has('assignments')).toBe(false);
    agent.close();
    after.close();
    await second.stop();
  });
});

describe('a paused part of the queue', () => {
  test('stays paused through a restart, is told of, and goes on when it is resumed', async () => {
    const data = temporaryFolder('queue-pause');
    const first = await openEmbedded({ data });
    const before = createClient({ address: first.address });
    const paused = await before.queue.pause({ kind: 'stopped' }, { reason: 'the site is down' });
    expect(await before.queue.pause({ kind: 'stopped' }, { reason: 'again' })).toEqual(paused);
    expect(paused).toMatchObject({
      part: { kind: 'stopped' },
      reason: 'the site is down',
      actor: 'anonymous',
    });
    const { taskId } = await before.submit({ kind: 'stopped', requirements: { capabilities: ['both'] } });
    before.close();
    await first.stop();

    const second = await openEmbedded({ data });
    const after = createClient({ address: second.address });
    const agent = await openRawAgent(second.address, 'a', 'both');
    agent.grant(2);
    const other = await after.submit({ kind: 'going', requirements: { capabilities: ['both'] } });
    expect((await agent.assignments(1))[0]?.claim?.taskId).toBe(other.taskId);
    const held = (await after.queue.stats()).tiers.find(({ tier }) => tier === 'NORMAL');
    expect(held).toMatchObject({ waiting: 1, held: 1 });
    expect((await after.queue.stats()).pauses).toEqual([paused]);
    expect(await after.queue.peek()).toMatchObject([{ position: 1, held: true, task: { taskId } }]);
    expect(agent.has('assignments')).toBe(false);

    expect(await after.queue.resume({ kind: 'stopped' })).toEqual(paused);
    expect((await agent.assignments(1))[0]?.claim?.taskId).toBe(taskId);
    expect(await after.queue.resume({ kind: 'stopped' })).toBeUndefined();
    agent.close();
    after.close();
    await second.stop();
  });
});

describe('tasks chosen by a filter', () => {
  test('are cancelled and retried by an operation, those that changed meanwhile apart', async () => {
    const kind = `batch-${randomUUID()}`;
    await submitMany(600, { kind, labels: { run: 'a' } });
    await submitMany(30, { kind, labels: { run: 'b' } });
    const run = (value: string) => ({ kinds: [kind], labels: { run: value } });
    const cancelled = await client.operations.cancelTasks(run('a'), { reason: 'enough' });
    expect(await client.operations.wait(cancelled.operationId)).toMatchObject({
      verb: 'CANCEL_TASKS',
      totalCount: 600,
      doneCount: 600,
      filter: run('a'),
      reason: 'enough',
    });
    expect(await statesOf(kind)).toEqual({ CANCELLED: 600, QUEUED: 30 });
    const retried = await client.operations.retryTasks({ kinds: [kind] });
    expect(await client.operations.wait(retried.operationId)).toMatchObject({ doneCount: 600 });
    expect(await statesOf(kind)).toEqual({ QUEUED: 630 });
    const listed = [];
    for await (const { operationId } of client.operations.list({ limit: 2 })) listed.push(operationId);
    expect(listed).toEqual([retried.operationId, cancelled.operationId]);
  });

  test('a parent chooses its parts', async () => {
    const kind = `parts-${randomUUID()}`;
    const [parent = ''] = await submitMany(1, { kind });
    await submitMany(5, { kind, parentTaskId: parent });
    const { operationId } = await client.operations.cancelTasks({ parentTaskId: parent });
    expect(await client.operations.wait(operationId)).toMatchObject({ totalCount: 5, doneCount: 5 });
    expect(await statesOf(kind)).toEqual({ CANCELLED: 5, QUEUED: 1 });
  });
});

test('what cannot be done is refused, with the field or the reason', async () => {
  const grpc = connect(coordinator.address);
  const { method } = CoordinatorService;
  const refused = async (call: Promise<unknown>) => (await failureOf(call)).details;
  expect(await refused(grpc.call(method.clearQueue, {}))).toMatch(/^part: /);
  expect(await refused(grpc.call(method.clearQueue, { part: { tier: 77 as Tier } }))).toMatch(
    /^part\.tier: /,
  );
  expect(await refused(grpc.call(method.pauseQueue, { part: { kind: 'a b' } }))).toMatch(/^part\.kind: /);
  expect(await refused(grpc.call(method.batchCancelTasks, {}))).toMatch(/^filter: /);
  expect(await refused(grpc.call(method.batchCancelTasks, { filter: { states: [10] } }))).toMatch(
    /^filter\.states: TASK_STATE_SUCCEEDED/,
  );
  expect(await refused(grpc.call(method.batchRetryTasks, { filter: { states: [4] } }))).toMatch(
    /^filter\.states: TASK_STATE_QUEUED/,
  );
  expect(await refused(grpc.call(method.peekQueue, { pageSize: 101 }))).toMatch(/^page_size: /);

  const requestId = randomUUID();
  const part = { kind: `nothing-${requestId}` };
  const once = await grpc.call(method.clearQueue, { part, requestId });
  const again = await grpc.call(method.clearQueue, { part, requestId });
  expect(again.operation?.operationId).toBe(once.operation?.operationId);
  expect(await refused(grpc.call(method.clearQueue, { part: {}, requestId }))).toContain('was used before');
  grpc.close();

  const id = once.operation?.operationId ?? '';
  await client.operations.wait(id);
  expect(await failure(client.operations.cancel(id))).toBe('FAILED_PRECONDITION OPERATION_ENDED');
  expect(await failure(client.operations.get(randomUUID()))).toBe('NOT_FOUND OPERATION_NOT_FOUND');
  expect(await failure(client.operations.wait(randomUUID()))).toBe('NOT_FOUND OPERATION_NOT_FOUND');
});
