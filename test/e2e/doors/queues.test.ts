import { AgentService, CoordinatorService, OperationState, TaskState, Tier } from '@reeve/sdk/protocol';
import { doNext, json, type Row, register, showRows, submit } from '../../support/rows.js';

const { clearQueue, getQueueStats, listTasks, pauseQueue, peekQueue, resumeQueue, waitOperation } =
  CoordinatorService.method;
const { leaseTasks } = AgentService.method;

const queue: Row = {
  shows: 'O5: the queue is measured by tier, looked at, and cleared by tier',
  ...json(async (door) => {
    for (const tier of [Tier.LOW, Tier.HIGH, Tier.LOW]) await submit(door, { kind: 'a', tier });
    const stats = async () => {
      const { tiers } = await door.call(getQueueStats, {});
      return Object.fromEntries(tiers.map(({ tier, waiting }) => [Tier[tier], Number(waiting)]));
    };
    const before = await stats();
    const { tasks } = await door.call(peekQueue, { pageSize: 2 });
    const { operation } = await door.call(clearQueue, { part: { tier: Tier.LOW }, reason: 'not needed' });
    const operationId = operation?.operationId ?? '';
    const ended = await door.call(waitOperation, { operationId });
    const cancelled = await door.call(listTasks, { filter: { states: [TaskState.CANCELLED] } });
    return {
      before,
      next: tasks.map(({ position, task }) => [position, Tier[task?.spec?.tier ?? 0]]),
      operation: [OperationState[ended.operation?.state ?? 0], Number(ended.operation?.doneCount)],
      cancelled: cancelled.tasks.map(({ reason }) => reason),
      after: await stats(),
    };
  }),
  async sdk({ client }) {
    for (const tier of ['LOW', 'HIGH', 'LOW'] as const) await client.submit({ kind: 'a', tier });
    const stats = async () => {
      const { tiers } = await client.queue.stats();
      return Object.fromEntries(tiers.map(({ tier, waiting }) => [tier, waiting]));
    };
    const before = await stats();
    const tasks = await client.queue.peek({ limit: 2 });
    const { operationId } = await client.queue.clear({ tier: 'LOW' }, { reason: 'not needed' });
    const ended = await client.operations.wait(operationId);
    const cancelled: unknown[] = [];
    for await (const { reason } of client.list({ states: ['CANCELLED'] })) cancelled.push(reason);
    return {
      before,
      next: tasks.map(({ position, task }) => [position, task.tier]),
      operation: [ended.state, ended.doneCount],
      cancelled,
      after: await stats(),
    };
  },
  expected: {
    before: { CRITICAL: 0, URGENT: 0, HIGH: 1, NORMAL: 0, LOW: 2 },
    next: [
      [1, 'HIGH'],
      [2, 'LOW'],
    ],
    operation: ['SUCCEEDED', 2],
    cancelled: ['not needed', 'not needed'],
    after: { CRITICAL: 0, URGENT: 0, HIGH: 1, NORMAL: 0, LOW: 0 },
  },
};

const pauses: Row = {
  shows: 'O7: a paused part of the queue goes to nobody until it is resumed',
  ...json(async (door) => {
    await register(door, 'worker', ['a', 'b']);
    await door.call(pauseQueue, { part: { kind: 'a' }, reason: 'the site is down' });
    const { pauses } = await door.call(getQueueStats, {});
    const held = await submit(door, { kind: 'a' });
    const free = await submit(door, { kind: 'b' });
    const first = await doNext(door, 'worker');
    const noWait = { agentId: 'worker', maxTasks: 1, maxWait: {} };
    const nothing = (await door.call(leaseTasks, noWait)).assignments;
    const { tasks } = await door.call(peekQueue, {});
    await door.call(resumeQueue, { part: { kind: 'a' } });
    const second = await doNext(door, 'worker');
    return {
      pauses: pauses.map(({ part, reason }) => [part?.kind, reason]),
      held: tasks.filter(({ task }) => task?.taskId === held.taskId).map((one) => one.held),
      given: [first === free.taskId && nothing.length === 0, second === held.taskId],
    };
  }),
  async sdk({ client, agent }) {
    const order: string[] = [];
    const worker = agent('worker');
    for (const kind of ['a', 'b']) worker.handle(kind, (_, { taskId }) => void order.push(taskId));
    await worker.start();
    await client.queue.pause({ kind: 'a' }, { reason: 'the site is down' });
    const { pauses } = await client.queue.stats();
    const held = await client.submit({ kind: 'a' });
    const free = await client.submit({ kind: 'b' });
    await free.wait();
    const tasks = await client.queue.peek();
    await client.queue.resume({ kind: 'a' });
    await held.wait();
    return {
      pauses: pauses.map(({ part, reason }) => [part.kind, reason]),
      held: tasks.filter(({ task }) => task.taskId === held.taskId).map((one) => one.held),
      given: [order[0] === free.taskId, order[1] === held.taskId],
    };
  },
  expected: { pauses: [['a', 'the site is down']], held: [true], given: [true, true] },
};

showRows([queue, pauses]);
