import { randomUUID } from 'node:crypto';
import { type Client, createClient, type TaskRequest } from '@reeve/sdk';
import { type Assignment, LeaseVerdict, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../src/embedded.js';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';

let coordinator: Coordinator;
let client: Client;
const agents: RawAgent[] = [];

beforeAll(async () => {
  coordinator = await openEmbedded({
    'lease-ttl': '1500ms',
    'accept-timeout': '400ms',
    'ping-interval': '5s',
  });
  client = createClient({ address: coordinator.address });
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  client.close();
  await coordinator.stop();
});

/** A kind of its own, so that tests do not take each other's tasks. */
function world() {
  const kind = `work-${randomUUID()}`;
  return {
    kind,
    submit: async (over: Partial<TaskRequest> = {}) =>
      (await client.submit({ kind, input: { a: 1 }, ...over })).taskId,
    async connect(agentId: string, options: { credit?: number; slots?: number; instanceKey?: string } = {}) {
      const agent = raw();
      await agent.hello(agentId, { capabilities: [kind], ...options });
      agent.grant(options.credit ?? 10);
      return agent;
    },
  };
}

function raw(): RawAgent {
  const agent = new RawAgent(coordinator.address);
  agents.push(agent);
  return agent;
}

function resultOf({ claim }: Assignment, outcome = Outcome.SUCCEEDED, resultId: string = randomUUID()) {
  const error = { kind: 'Broken', message: 'it broke', retryable: true };
  return {
    claim,
    resultId,
    result: { outcome, summary: 'done', ...(outcome === Outcome.SUCCEEDED ? {} : { error }) },
  };
}

async function eventsOf(taskId: string): Promise<string[]> {
  const types = [];
  for await (const event of client.events(taskId)) types.push(event.type);
  return types;
}

/** Waits until a task is in a state. */
async function reaches(taskId: string, state: string): Promise<void> {
  for await (const task of client.watch(taskId)) if (task.state === state) return;
  throw new Error(`${taskId} never was ${state}`);
}

test('an assignment carries the spec as it was submitted', async () => {
  const { connect, submit, kind } = world();
  const agent = await connect('carrier');
  const taskId = await submit({ goal: 'see it through', labels: { a: 'b' } });
  const [assignment] = await agent.assignments(1);
  expect(assignment).toMatchObject({ claim: { taskId, epoch: 1n }, attempt: 1 });
  expect(assignment?.spec).toMatchObject({ kind, goal: 'see it through', labels: { a: 'b' } });
  expect(Buffer.from(assignment?.spec?.input?.content.value as Uint8Array).toString()).toBe('{"a":1}');
});

test('a result is acknowledged, its repeat is already recorded, another result conflicts', async () => {
  const { connect, submit } = world();
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
  const { connect, submit } = world();
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

test('an assignment that is not accepted in time goes to another agent, at no cost of an attempt', async () => {
  const { connect, submit } = world();
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

test('a lease that is not renewed is lost, one that is renewed is kept', async () => {
  const { connect, submit } = world();
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

test('an attempt that takes longer than it may is stopped and counts as failed', async () => {
  const { connect, submit } = world();
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
  const { connect, submit } = world();
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
  const { connect, submit } = world();
  const agent = await connect('stubborn');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  agent.accept(assignment);
  await client.cancel(taskId, { graceMs: 100 });
  await reaches(taskId, 'CANCELLED');
  agent.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  const { acks } = await agent.next('resultAcks');
  expect(acks[0]?.verdict).toBe(ResultVerdict.LEASE_SUPERSEDED);
  expect((await client.get(taskId)).state).toBe('CANCELLED');
});

test('a waiting task is cancelled at once and never assigned', async () => {
  const { connect, submit } = world();
  const taskId = await submit();
  expect((await client.cancel(taskId)).state).toBe('CANCELLED');
  const later = await submit();
  const agent = await connect('late');
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  expect(assignment.claim?.taskId).toBe(later);
});

test('after Drain nothing is assigned any more, and what was declined goes elsewhere', async () => {
  const { connect, submit } = world();
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

test('a process that reconnects keeps its leases, and its older stream is superseded', async () => {
  const { connect, submit, kind } = world();
  const instanceKey = randomUUID();
  const older = await connect('mover', { instanceKey, credit: 2 });
  const taskId = await submit();
  const [assignment] = (await older.assignments(1)) as [Assignment];
  older.accept(assignment);
  const newer = raw();
  const epoch = assignment.claim?.epoch ?? 0n;
  const welcome = await newer.hello('mover', {
    capabilities: [kind],
    instanceKey,
    held: [
      { taskId, epoch },
      { taskId, epoch: epoch + 1n },
    ],
  });
  expect(welcome.verdicts.map((v) => v.verdict)).toEqual([LeaseVerdict.KEEP, LeaseVerdict.LOST]);
  expect((await older.next('goAway')).reason).toBe('SESSION_SUPERSEDED');
  expect(await older.over).toBeNull();
  newer.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  await reaches(taskId, 'SUCCEEDED');
});

test('a result whose acknowledgement was lost is known when the agent comes back', async () => {
  const { connect, submit, kind } = world();
  const first = await connect('forgetful');
  const taskId = await submit();
  const [assignment] = (await first.assignments(1)) as [Assignment];
  first.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  await first.next('resultAcks');
  first.close();
  const again = raw();
  const welcome = await again.hello('forgetful', {
    capabilities: [kind],
    held: [{ taskId, epoch: assignment.claim?.epoch ?? 0n, unacked: true }],
  });
  expect(welcome.verdicts[0]?.verdict).toBe(LeaseVerdict.RESULT_RECORDED);
});

test("another agent's result, accept and renewal do not count", async () => {
  const { connect, submit } = world();
  const owner = await connect('owner');
  const taskId = await submit();
  const [assignment] = (await owner.assignments(1)) as [Assignment];
  owner.accept(assignment);
  const thief = await connect('thief', { credit: 0 });
  thief.send({ case: 'results', value: { results: [resultOf(assignment)] } });
  expect((await thief.next('resultAcks')).acks[0]?.verdict).toBe(ResultVerdict.LEASE_SUPERSEDED);
  thief.send({ case: 'renew', value: { claims: assignment.claim ? [assignment.claim] : [] } });
  expect((await thief.next('leaseUpdates')).updates[0]?.verdict).toBe(LeaseVerdict.LOST);
  await reaches(taskId, 'RUNNING');
});

test('an oversize or malformed result fails the attempt for good, and the stream goes on', async () => {
  const { connect, submit } = world();
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
  const { connect, submit } = world();
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
  const { connect, submit } = world();
  const agent = await connect('confused');
  const taskId = await submit();
  const [assignment] = (await agent.assignments(1)) as [Assignment];
  const nothing = { resultId: randomUUID(), claim: { taskId: 'no uuid', epoch: 1n } };
  agent.send({ case: 'results', value: { results: [nothing, resultOf(assignment)] } });
  expect((await agent.next('resultAcks')).acks[0]).toMatchObject({ verdict: ResultVerdict.REFUSED });
  expect((await agent.next('resultAcks')).acks[0]).toMatchObject({ verdict: ResultVerdict.RECORDED });
  await reaches(taskId, 'SUCCEEDED');
});

test('progress is seen by whoever looks at the task', async () => {
  const { connect, submit } = world();
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

test.each([
  ['a message before hello', (a: RawAgent) => a.grant(1), /hello must come first/],
  [
    'a hello without slots',
    (a: RawAgent) =>
      a.send({ case: 'hello', value: { agent: { agentId: 'x' }, instanceKey: randomUUID(), slots: 0 } }),
    /hello\.slots/,
  ],
  [
    'a hello without an agent',
    (a: RawAgent) => a.send({ case: 'hello', value: { instanceKey: randomUUID(), slots: 1 } }),
    /hello\.agent/,
  ],
] as const)('%s ends the stream with INVALID_ARGUMENT', async (_, act, message) => {
  const agent = raw();
  act(agent);
  const error = await agent.over;
  expect(error?.code).toBe(3);
  expect(error?.details).toMatch(message);
});

test('a second hello ends the stream', async () => {
  const agent = raw();
  await agent.hello('twice');
  agent.send({ case: 'hello', value: { agent: { agentId: 'twice' }, instanceKey: randomUUID(), slots: 1 } });
  expect((await agent.over)?.code).toBe(3);
});

test('a deregistered agent is sent away for good', async () => {
  const { connect } = world();
  const agent = await connect('retired');
  await client.agents.deregister('retired', { reason: 'old' });
  const away = await agent.next('goAway');
  expect(away.reason).toBe('DEREGISTERED');
  expect(away.reconnectAfter).toBeUndefined();
});
