import { type Assignment, ResultVerdict } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { createWorkWorld, resultOf } from '../support/work-world.js';

const { setup } = createWorkWorld({ 'accept-timeout': '2s' });

test('an assignment carries the spec as it was submitted', async () => {
  const { connect, submit, kind } = setup();
  const agent = await connect('carrier');
  const taskId = await submit({ goal: 'see it through', labels: { a: 'b' } });
  const [assignment] = await agent.assignments(1);
  expect(assignment).toMatchObject({ claim: { taskId, epoch: 1n }, attempt: 1 });
  expect(assignment?.spec).toMatchObject({ kind, goal: 'see it through', labels: { a: 'b' } });
  expect(Buffer.from(assignment?.spec?.input?.content.value as Uint8Array).toString()).toBe('{"a":1}');
});

test('an assignment that is not accepted in time goes to another agent, at no cost of an attempt', async () => {
  const { connect, submit, reaches } = setup();
  const silent = await connect('silent', { credit: 1 });
  const taskId = await submit();
  const [first] = (await silent.assignments(1)) as [Assignment];
  const eager = await connect('eager');
  const [second] = (await eager.assignments(1)) as [Assignment];
  expect(second).toMatchObject({ claim: { taskId, epoch: 2n }, attempt: 1 });
  silent.send({ case: 'results', value: { results: [resultOf(first)] } });
  expect((await silent.next('resultAcks')).acks[0]?.verdict).toBe(ResultVerdict.LEASE_SUPERSEDED);
  eager.send({ case: 'results', value: { results: [resultOf(second)] } });
  await reaches(taskId, 'SUCCEEDED');
});

test('a waiting task is cancelled at once and never assigned', async () => {
  const { connect, submit, client } = setup();
  const taskId = await submit();
  expect((await client.cancel(taskId)).state).toBe('CANCELLED');
  const later = await submit();
  const agent = await connect('late');
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  expect(assignment.claim?.taskId).toBe(later);
});

test('after Drain nothing is assigned any more, and what was declined goes elsewhere', async () => {
  const { connect, submit } = setup();
  const leaving = await connect('leaving');
  const taskId = await submit();
  const [assignment] = (await leaving.assignments(1)) as [Assignment];
  leaving.send({ case: 'drain', value: {} });
  await leaving.next('drainAck');
  leaving.send({ case: 'decline', value: { claims: assignment.claim ? [assignment.claim] : [] } });
  const staying = await connect('staying');
  const [second] = (await staying.assignments(1)) as [Assignment];
  expect(second).toMatchObject({ claim: { taskId }, attempt: 1 });
  expect(leaving.has('assignments')).toBe(false);
});

test('progress is seen by whoever looks at the task', async () => {
  const { connect, submit, client } = setup();
  const agent = await connect('teller');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  agent.accept(assignment);
  const seen = (async () => {
    for await (const task of client.watch(taskId)) if (task.progress) return task.progress;
    return undefined;
  })();
  agent.send({
    case: 'progress',
    value: { reports: [{ claim: assignment.claim, progress: { fraction: 0.4, text: 'reading' } }] },
  });
  expect(await seen).toMatchObject({ fraction: 0.4, text: 'reading' });
});
