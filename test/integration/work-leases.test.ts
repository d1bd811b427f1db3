import { AgentService, type Assignment, LeaseVerdict, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { createWorkWorld, resultOf } from '../support/work-world.js';

const { setup, caller } = createWorkWorld({ 'lease-ttl': '3s', 'accept-timeout': '2s' });

test('a lease that is not renewed is lost, one that is renewed is kept', async () => {
  const { connect, submit, client } = setup();
  const agent = await connect('renewer', { credit: 2 });
  const ids = [await submit({ retry: { initialBackoffMs: 60_000 } }), await submit()];
  const assignments = await agent.assignments(2);
  agent.accept(...assignments);
  const kept = assignments.find((a) => a.claim?.taskId === ids[1]);
  const lost = assignments.find((a) => a.claim?.taskId === ids[0]);
  // The renewals' own answers pace the loop until the other lease has run out.
  for (let over = false; !over; ) {
    agent.send({ case: 'renew', value: { claims: kept?.claim ? [kept.claim] : [] } });
    const { updates } = await agent.next('leaseUpdates');
    for (const { claim, verdict } of updates) {
      if (claim?.taskId === lost?.claim?.taskId) {
        expect(verdict).toBe(LeaseVerdict.LOST);
        over = true;
      } else expect(verdict).toBe(LeaseVerdict.KEEP);
    }
  }
  expect(await client.get(ids[0] as string)).toMatchObject({ state: 'SCHEDULED', reason: 'LEASE_EXPIRED' });
  expect(await client.get(ids[1] as string)).toMatchObject({ state: 'RUNNING', epoch: 1 });
});

test('what came on a stream is renewed by calls too, also when the stream is gone', async () => {
  const { connect, submit, client } = setup();
  const agent = await connect('blocked');
  const taskId = await submit({ retry: { maxAttempts: 1 } });
  const lostId = await submit({ retry: { maxAttempts: 1 } });
  const assignments = await agent.assignments(2);
  agent.accept(...assignments);
  const claims = assignments.flatMap(({ claim }) => (claim?.taskId === taskId ? [claim] : []));
  const calls = caller();
  const renew = async (agentId: string, over = {}) => {
    const named = claims.map((claim) => ({ ...claim, ...over }));
    const { updates } = await calls.call(AgentService.method.renewLeases, { agentId, claims: named });
    return updates.map(({ verdict }) => verdict);
  };
  expect(await renew('blocked')).toEqual([LeaseVerdict.KEEP]);
  await connect('stranger');
  expect(await renew('stranger')).toEqual([LeaseVerdict.LOST]);
  expect(await renew('blocked', { epoch: 2n })).toEqual([LeaseVerdict.LOST]);
  agent.close();
  // Until the other lease has run out.
  while ((await client.get(lostId)).state !== 'DEAD_LETTER') {
    expect(await renew('blocked')).toEqual([LeaseVerdict.KEEP]);
  }
  expect(await client.get(taskId)).toMatchObject({ state: 'RUNNING', epoch: 1 });
});

test('an attempt that takes longer than it may is stopped and counts as failed', async () => {
  const { connect, submit, eventsOf, reaches } = setup();
  const agent = await connect('slowpoke');
  const taskId = await submit({ attemptTimeoutMs: 200, retry: { maxAttempts: 1 } });
  const assignments = await agent.assignments(1);
  agent.accept(...assignments);
  const { cancels } = await agent.next('cancels');
  expect(cancels[0]).toMatchObject({ claim: { taskId }, cause: 'ATTEMPT_TIMED_OUT' });
  await reaches(taskId, 'DEAD_LETTER');
  expect(await eventsOf(taskId)).toContain('ATTEMPT_TIMED_OUT');
});

test('a cancel reaches the agent, and its result decides how the task ends', async () => {
  const { connect, submit, client, reaches } = setup();
  const agent = await connect('stopper');
  const ids = [await submit(), await submit()];
  const assignments = await agent.assignments(2);
  agent.accept(...assignments);
  for (const id of ids) {
    expect((await client.cancel(id, { reason: 'changed my mind', graceMs: 60_000 })).state).toBe(
      'CANCELLING',
    );
    expect((await agent.next('cancels')).cancels[0]).toMatchObject({
      reason: 'changed my mind',
      cause: 'CANCELLED',
    });
  }
  const [a, b] = assignments as [Assignment, Assignment];
  agent.send({ case: 'results', value: { results: [resultOf(a), resultOf(b, Outcome.CANCELLED)] } });
  await reaches(a.claim?.taskId ?? '', 'SUCCEEDED');
  await reaches(b.claim?.taskId ?? '', 'CANCELLED');
});

test('an agent that does not stop loses the task when the grace is over', async () => {
  const { connect, submit, client, reaches } = setup();
  const agent = await connect('stubborn');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  agent.accept(assignment);
  await client.cancel(taskId, { graceMs: 100 });
  await reaches(taskId, 'CANCELLED');
  agent.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  const { acks } = await agent.next('resultAcks');
  expect(acks[0]).toMatchObject({
    verdict: ResultVerdict.LEASE_SUPERSEDED,
    message: 'the task is CANCELLED at epoch 1',
  });
  expect((await client.get(taskId)).state).toBe('CANCELLED');
});

test("another agent's result, accept and renewal do not count", async () => {
  const { connect, submit, reaches } = setup();
  const owner = await connect('owner');
  const taskId = await submit();
  const [assignment] = (await owner.assignments(1)) as [Assignment];
  owner.accept(assignment);
  const thief = await connect('thief', { credit: 0 });
  thief.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  expect((await thief.next('resultAcks')).acks[0]).toMatchObject({
    verdict: ResultVerdict.LEASE_SUPERSEDED,
    message: 'another agent holds the task at epoch 1',
  });
  thief.send({ case: 'renew', value: { claims: assignment.claim ? [assignment.claim] : [] } });
  expect((await thief.next('leaseUpdates')).updates[0]?.verdict).toBe(LeaseVerdict.LOST);
  await reaches(taskId, 'RUNNING');
});

test('an accept that comes after the cancel loses nothing: renewals say CANCEL', async () => {
  const { connect, submit, client } = setup();
  const agent = await connect('late');
  const taskId = await submit();
  const [assignment] = await agent.assignments(1);
  if (!assignment?.claim) throw new Error('there is one');
  expect((await client.cancel(taskId, { graceMs: 60_000 })).state).toBe('CANCELLING');
  await agent.next('cancels');
  agent.accept(assignment);
  // So many that the accept was looked at meanwhile.
  for (let i = 0; i < 30; i++) {
    agent.send({ case: 'renew', value: { claims: [assignment.claim] } });
    const { updates } = await agent.next('leaseUpdates');
    expect(updates.map(({ verdict }) => verdict)).toEqual([LeaseVerdict.CANCEL]);
  }
});
