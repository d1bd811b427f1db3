import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { CoordinatorService, TaskEventType, TaskState, Tier } from '@reeve/sdk/protocol';
import { expect } from 'vitest';
import { all, doNext, json, type Row, register, showRows, submit } from '../../support/rows.js';

const { batchSubmitTasks, cancelTask, getTask, listTaskEvents, listTasks, submitTask, watchTasks } =
  CoordinatorService.method;
const HOUR_MS = 3_600_000;
const inAnHour = () => new Date(Date.now() + HOUR_MS);

const submissions: Row = {
  shows: 'S4: submissions that can be repeated, that come in batches, that wait for their time',
  ...json(async (door) => {
    const runAt = timestampFromDate(inAnHour());
    const request = { task: { kind: 'a', runAt }, requestId: 'once' };
    const first = await door.call(submitTask, request);
    const again = await door.call(submitTask, request);
    const refusal = await door.refusal(submitTask, { ...request, task: { kind: 'b', runAt } });
    const requests = [{ task: { kind: 'a' } }, { task: { kind: 'no name' } }];
    const { outcomes } = await door.call(batchSubmitTasks, { requests });
    return {
      same: first.task?.taskId === again.task?.taskId && again.alreadySubmitted,
      state: TaskState[first.task?.state ?? 0],
      reused: refusal.includes('REQUEST_ID_REUSED'),
      batch: outcomes.map(({ outcome: { case: kind, value } }) =>
        kind === 'submitted' ? TaskState[value.state] : value?.field,
      ),
    };
  }),
  async sdk({ client }) {
    const request = { kind: 'a', runAt: inAnHour(), requestId: 'once' };
    const first = await client.submit(request);
    const again = await client.submit(request);
    const reused = await client.submit({ ...request, kind: 'b' }).catch((error) => error.reason);
    const batch = await client.submitMany([{ kind: 'a' }, { kind: 'no name' }]);
    return {
      same: first.taskId === again.taskId && again.alreadySubmitted,
      state: first.state,
      reused: reused === 'REQUEST_ID_REUSED',
      batch: batch.map((one) => (one.ok ? one.task.state : one.error.violations[0]?.field)),
    };
  },
  expected: {
    same: true,
    state: 'SCHEDULED',
    reused: true,
    batch: ['QUEUED', expect.stringMatching(/task\.kind$/)],
  },
};

const lists: Row = {
  shows: 'S9: lists by filters and dates, page by page, newest first',
  ...json(async (door) => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await submit(door, { kind: 'a', labels: { n: `${n % 2}` } })).taskId);
    await door.call(cancelTask, { taskId: ids[0] ?? '' });
    const day = { createdFrom: timestampFromDate(new Date(0)), createdBefore: timestampFromDate(inAnHour()) };
    const filter = { ...day, labels: { n: '0' }, states: [TaskState.QUEUED] };
    const first = await door.call(listTasks, { filter, pageSize: 1 });
    const second = await door.call(listTasks, { filter, pageSize: 1, pageToken: first.nextPageToken });
    const ended = await door.call(listTasks, { filter: { finishedFrom: day.createdFrom } });
    const later = await door.call(listTasks, { filter: { createdFrom: day.createdBefore } });
    const places = (tasks: readonly { taskId: string }[]) => tasks.map(({ taskId }) => ids.indexOf(taskId));
    return {
      found: places([...first.tasks, ...second.tasks]),
      ended: places(ended.tasks),
      later: places(later.tasks),
    };
  }),
  async sdk({ client }) {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++)
      ids.push((await client.submit({ kind: 'a', labels: { n: `${n % 2}` } })).taskId);
    await client.cancel(ids[0] ?? '');
    const day = { createdFrom: new Date(0), createdBefore: inAnHour() };
    const places = async (query: Parameters<typeof client.list>[0]) =>
      (await all(client.list(query))).map(({ taskId }) => ids.indexOf(taskId));
    return {
      found: await places({ ...day, labels: { n: '0' }, states: ['QUEUED'] }),
      ended: await places({ finishedFrom: day.createdFrom }),
      later: await places({ createdFrom: day.createdBefore }),
    };
  },
  expected: { found: [4, 2], ended: [0], later: [] },
};

const dependencies: Row = {
  shows: 'O4: a task waits for another, which becomes as urgent, and runs after it',
  ...json(async (door) => {
    const first = await submit(door, { kind: 'a', tier: Tier.LOW });
    const dependsOn = [{ taskId: first.taskId }];
    const second = await submit(door, { kind: 'a', tier: Tier.CRITICAL, dependencies: dependsOn });
    const { events } = await door.call(listTaskEvents, { taskId: first.taskId });
    await register(door, 'worker', ['a']);
    const order = [await doNext(door, 'worker'), await doNext(door, 'worker')];
    const { task } = await door.call(getTask, { taskId: second.taskId });
    return {
      before: TaskState[second.state],
      events: events.map(({ type }) => TaskEventType[type]),
      inOrder: order.join() === [first.taskId, second.taskId].join(),
      after: TaskState[task?.state ?? 0],
    };
  }),
  async sdk({ client, agent }) {
    const first = await client.submit({ kind: 'a', tier: 'LOW' });
    const second = await client.submit({ kind: 'a', tier: 'CRITICAL', dependsOn: [first.taskId] });
    const events = await all(client.events(first.taskId));
    const order: string[] = [];
    await agent('worker')
      .handle('a', (_, { taskId }) => void order.push(taskId))
      .start();
    await second.wait();
    return {
      before: second.state,
      events: events.map(({ type }) => type),
      inOrder: order.join() === [first.taskId, second.taskId].join(),
      after: (await client.get(second.taskId)).state,
    };
  },
  expected: {
    before: 'BLOCKED',
    events: ['SUBMITTED', 'URGENCY_INHERITED'],
    inOrder: true,
    after: 'SUCCEEDED',
  },
};

const INPUT = { text: 'ä "q" \n', list: [1, 2.5, null, true], nested: { a: {} } };

const payloads: Row = {
  shows: 'V5: what goes in and comes out is JSON',
  ...json(async (door) => {
    const written = JSON.stringify({ task: { kind: 'a', input: { json: INPUT } } });
    const said = JSON.parse((await door.say(submitTask, written)).stdout);
    const asked = JSON.stringify({ taskId: said.task.taskId, payloadAs: 'PAYLOAD_VIEW_JSON' });
    const read = JSON.parse((await door.say(getTask, asked)).stdout);
    return read.task.spec.input;
  }),
  async sdk({ client }) {
    const { taskId } = await client.submit({ kind: 'a', input: INPUT });
    return { mediaType: 'application/json', json: (await client.get(taskId)).input };
  },
  expected: { mediaType: 'application/json', json: INPUT },
};

const watches: Row = {
  shows: 'V6: changes come as they happen',
  ...json(async (door) => {
    const seen: string[] = [];
    let taskId = '';
    for await (const { changes, bookmark } of door.watch(watchTasks, { selector: { kinds: ['a'] } })) {
      for (const { task } of changes) seen.push(TaskState[task?.state ?? 0] ?? '');
      if (bookmark?.snapshotComplete) ({ taskId } = await submit(door, { kind: 'a' }));
      if (seen.at(-1) === 'CANCELLED') break;
      if (seen.length === 1) await door.call(cancelTask, { taskId });
    }
    return seen;
  }),
  async sdk({ client }) {
    const seen: string[] = [];
    for await (const update of client.watch({ filter: { kinds: ['a'] } })) {
      if (update.type === 'SNAPSHOT') await client.submit({ kind: 'a' });
      if (update.type !== 'CHANGED') continue;
      seen.push(update.task.state);
      if (update.task.state === 'CANCELLED') break;
      await client.cancel(update.task.taskId);
    }
    return seen;
  },
  expected: ['QUEUED', 'CANCELLED'],
};

showRows([submissions, lists, dependencies, payloads, watches]);
