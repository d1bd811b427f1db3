import { randomUUID } from 'node:crypto';
import { type Assignment, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { createWorkWorld, resultOf } from '../support/work-world.js';

const { setup } = createWorkWorld();

test('a result is acknowledged, its repeat is already recorded, another result conflicts', async () => {
  const { connect, submit, eventsOf } = setup();
  const agent = await connect('settler');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  const result = resultOf(assignment);
  const verdicts = [];
  for (const report of [result, result, resultOf(assignment)]) {
    agent.send({ case: 'results', value: { results: [report] } });
    verdicts.push((await agent.next('resultAcks')).acks[0]?.verdict);
  }
  expect(verdicts).toEqual([ResultVerdict.RECORDED, ResultVerdict.ALREADY_RECORDED, ResultVerdict.CONFLICT]);
  expect(await eventsOf(taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
});

test('a failed attempt is tried again, and the last one leads to the dead letter', async () => {
  const { connect, submit, client, reaches } = setup();
  const agent = await connect('failer');
  const taskId = await submit({ retry: { maxAttempts: 2, initialBackoffMs: 10 } });
  for (const attempt of [1, 2]) {
    const [assignment] = (await agent.assignments(1)) as [Assignment];
    expect(assignment.attempt).toBe(attempt);
    agent.send({ case: 'results', value: { results: [resultOf(assignment, Outcome.FAILED)] } });
  }
  await reaches(taskId, 'DEAD_LETTER');
  expect(await client.get(taskId)).toMatchObject({ attempt: 2, epoch: 2, error: { kind: 'Broken' } });
  const redriven = await client.retry(taskId, { reason: 'again' });
  expect(redriven).toMatchObject({ state: 'QUEUED', series: 1, attempt: 0 });
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  agent.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  await reaches(taskId, 'SUCCEEDED');
});

test('an oversize or malformed result fails the attempt for good, and the stream goes on', async () => {
  const { connect, submit, client } = setup();
  const agent = await connect('oversized');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  const result = resultOf(assignment);
  const output = {
    mediaType: 'text/plain',
    content: { case: 'data' as const, value: new Uint8Array(300_000) },
  };
  agent.send({ case: 'results', value: { results: [{ ...result, result: { ...result.result, output } }] } });
  const { acks } = await agent.next('resultAcks');
  expect(acks[0]).toMatchObject({ verdict: ResultVerdict.REFUSED });
  expect(acks[0]?.message).toContain('262144');
  expect(await client.get(taskId)).toMatchObject({ state: 'FAILED', error: { kind: 'PAYLOAD_TOO_LARGE' } });
  await submit();
  expect(await agent.assignments(1)).toHaveLength(1);
});

test.each([
  ['a result id that is no UUID', { resultId: 'mine' }, 'result_id'],
  ['no outcome', { result: { summary: 'hm' } }, 'outcome'],
])('a result with %s fails the attempt for good and is refused by name', async (_, broken, named) => {
  const { connect, submit, client } = setup();
  const agent = await connect('careless');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  agent.send({ case: 'results', value: { results: [{ ...resultOf(assignment), ...broken }] } });
  const { acks } = await agent.next('resultAcks');
  expect(acks[0]).toMatchObject({ claim: { taskId }, verdict: ResultVerdict.REFUSED });
  expect(acks[0]?.message).toContain(named);
  expect(await client.get(taskId)).toMatchObject({ state: 'FAILED', error: { kind: 'INVALID_RESULT' } });
});

test('a result of nothing is refused, and its neighbours count', async () => {
  const { connect, submit, reaches } = setup();
  const agent = await connect('confused');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  const nothing = { resultId: randomUUID(), claim: { taskId: 'no uuid', epoch: 1n } };
  agent.send({ case: 'results', value: { results: [nothing, resultOf(assignment)] } });
  expect((await agent.next('resultAcks')).acks[0]).toMatchObject({ verdict: ResultVerdict.REFUSED });
  expect((await agent.next('resultAcks')).acks[0]).toMatchObject({ verdict: ResultVerdict.RECORDED });
  await reaches(taskId, 'SUCCEEDED');
});
