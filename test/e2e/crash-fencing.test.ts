import { randomUUID } from 'node:crypto';
import { createClient } from '@reeve/sdk';
import { type Claim, LeaseVerdict, Outcome, type ResultAck, ResultVerdict } from '@reeve/sdk/protocol';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { check } from '../support/checker.js';
import { readThroughApi } from '../support/checker-read.js';
import type { CoordinatorProcess } from '../support/coordinator-process.js';
import { readHistory } from '../support/history.js';
import { createWorld, type World } from '../support/history-world.js';
import { openRawAgent, type RawAgent } from '../support/raw-agent.js';

let world: World;
let coordinator: CoordinatorProcess;
const agents: RawAgent[] = [];

beforeAll(async () => {
  // Those that are lost end within a test, those that are not outlast a busy machine.
  world = createWorld({ leaseTtl: '5s', acceptTimeout: '3s' });
  coordinator = await world.startCoordinator();
}, 150_000);

afterEach(() => {
  for (const agent of agents.splice(0)) agent.close();
});

afterAll(() => {
  world.close();
});

let kinds = 0;
/** A kind that no other test handles, and agents for it. */
function ownKind() {
  const kind = `raw-${++kinds}`;
  const rawAgent = async (name: string) => {
    const agent = await openRawAgent(coordinator.address, `${name}-${kind}`, kind);
    agents.push(agent);
    return agent;
  };
  return { kind, rawAgent };
}

/** A task that one agent has accepted and lost, and another has accepted after it. */
async function passedOn() {
  const { kind, rawAgent } = ownKind();
  const { taskId } = await world.client().submit({ kind });
  const stale = await rawAgent('stale');
  const first = await stale.take();
  stale.send({ case: 'accept', value: { claims: [first.claim] } });
  const fresh = await rawAgent('fresh');
  const second = await fresh.take();
  fresh.send({ case: 'accept', value: { claims: [second.claim] } });
  // An accept may wait for a result that saves its write.
  await expect
    .poll(() => world.client().get(taskId))
    .toMatchObject({ state: 'RUNNING', epoch: Number(second.claim.epoch) });
  return { kind, taskId, stale, first, fresh, second };
}

function success(claim: Claim, resultId: string = randomUUID()) {
  return { claim, resultId, result: { outcome: Outcome.SUCCEEDED } };
}

async function acksOf(agent: RawAgent, count: number): Promise<ResultAck[]> {
  const acks: ResultAck[] = [];
  while (acks.length < count) acks.push(...(await agent.next('resultAcks')).acks);
  return acks;
}

async function verdictsOf(agent: RawAgent, count: number): Promise<ResultVerdict[]> {
  return (await acksOf(agent, count)).map(({ verdict }) => verdict);
}

/** The check of the record alone, for tests whose agents write no history. */
async function violationsOfRecord() {
  const record = await readThroughApi(world.client());
  return check([], record).filter(({ message }) => !message.startsWith('nobody submitted'));
}

it('an agent stopped past its lease writes nothing once another has the task', async () => {
  const stale = world.sdkAgent('stale');
  const { taskId } = await world
    .client()
    .submit({ kind: 'sdk.held', requestId: 'held', labels: { request: 'held' } });
  const seen = (by: string, verb: string) =>
    readHistory(world.historyFolder).filter(
      (entry) => entry.by.startsWith(by) && entry.verb === verb && entry.taskId === taskId,
    );
  const until = (by: string, verb: string) =>
    vi.waitFor(() => expect(seen(by, verb)).toHaveLength(1), { timeout: 60_000 });
  await until('stale', 'assigned');
  stale.process.kill('SIGSTOP');
  const fresh = world.sdkAgent('fresh');
  await until('fresh', 'assigned');
  stale.process.kill('SIGCONT');
  await until('stale', 'aborted');
  fresh.process.kill('SIGUSR2');
  expect(await world.client().wait(taskId, { timeoutMs: 60_000 })).toEqual({ epoch: 2 });
  expect(seen('stale', 'assigned')[0]?.epoch).toBe(1);
  expect(seen('fresh', 'assigned')[0]?.epoch).toBe(2);
  expect(seen('fresh', 'aborted')).toEqual([]);
  stale.stop();
  fresh.stop();
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('result, progress and renewal of a passed epoch are refused while another holds the task', async () => {
  const { kind, taskId, stale, first, fresh, second } = await passedOn();
  expect([first.claim.epoch, second.claim.epoch]).toEqual([1n, 2n]);
  fresh.send({ case: 'renew', value: { claims: [second.claim] } });
  expect((await fresh.next('leaseUpdates')).updates[0]?.verdict).toBe(LeaseVerdict.KEEP);

  // The first LOST came when the lease ran out, the second answers the renewal.
  expect((await stale.next('leaseUpdates')).updates[0]?.verdict).toBe(LeaseVerdict.LOST);
  stale.send({ case: 'renew', value: { claims: [first.claim] } });
  expect((await stale.next('leaseUpdates')).updates[0]?.verdict).toBe(LeaseVerdict.LOST);
  const progress = { fraction: 0.9, text: 'stale' };
  stale.send({ case: 'progress', value: { reports: [{ claim: first.claim, progress }] } });
  stale.send({ case: 'results', value: { results: [success(first.claim)] } });
  expect(await verdictsOf(stale, 1)).toEqual([ResultVerdict.LEASE_SUPERSEDED]);

  const now = await world.client().get(taskId);
  expect(now).toMatchObject({ state: 'RUNNING', epoch: 2, agentId: `fresh-${kind}` });
  expect(now.progress?.text).not.toBe('stale');
  fresh.send({ case: 'results', value: { results: [success(second.claim)] } });
  expect(await verdictsOf(fresh, 1)).toEqual([ResultVerdict.RECORDED]);
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('of twenty concurrent reports with mixed epochs one is recorded', async () => {
  const { kind, taskId, stale, first, fresh, second } = await passedOn();
  // On each stream the passed epoch comes first, so that nothing but the fence keeps it out.
  for (const claim of [first.claim, second.claim]) {
    for (let n = 0; n < 5; n++) {
      for (const agent of [stale, fresh]) {
        agent.send({ case: 'results', value: { results: [success(claim)] } });
      }
    }
  }
  const ofStale = await acksOf(stale, 10);
  const ofFresh = await acksOf(fresh, 10);
  for (const { claim, verdict } of [...ofStale, ...ofFresh.filter(({ claim }) => claim?.epoch === 1n)]) {
    expect(verdict, `epoch ${claim?.epoch}`).not.toBe(ResultVerdict.RECORDED);
  }
  const ofHolder = ofFresh.filter(({ claim }) => claim?.epoch === 2n).map(({ verdict }) => verdict);
  expect(ofHolder).toEqual([ResultVerdict.RECORDED, ...new Array(4).fill(ResultVerdict.CONFLICT)]);
  expect(await world.client().get(taskId)).toMatchObject({
    state: 'SUCCEEDED',
    epoch: 2,
    agentId: `fresh-${kind}`,
  });
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('the same result twice is recorded once and acknowledged twice', async () => {
  const { kind, rawAgent } = ownKind();
  await world.client().submit({ kind });
  const agent = await rawAgent('agent');
  const { claim } = await agent.take();
  const report = success(claim);
  agent.send({ case: 'results', value: { results: [report] } });
  expect(await verdictsOf(agent, 1)).toEqual([ResultVerdict.RECORDED]);
  agent.send({ case: 'results', value: { results: [report] } });
  expect(await verdictsOf(agent, 1)).toEqual([ResultVerdict.ALREADY_RECORDED]);
}, 150_000);

it('after CANCELLED is acknowledged no accept is confirmed and no result recorded', async () => {
  const client = world.client();
  const { kind, rawAgent } = ownKind();
  const { taskId } = await client.submit({ kind });
  const agent = await rawAgent('agent');
  const { claim } = await agent.take();
  expect((await client.cancel(taskId, { graceMs: 0 })).state).toBe('CANCELLING');
  await vi.waitFor(async () => expect((await client.get(taskId)).state).toBe('CANCELLED'), {
    timeout: 20_000,
  });

  agent.send({ case: 'accept', value: { claims: [claim] } });
  agent.send({ case: 'results', value: { results: [success(claim)] } });
  const [verdict] = await verdictsOf(agent, 1);
  expect(verdict).toBe(ResultVerdict.LEASE_SUPERSEDED);
  expect((await client.get(taskId)).state).toBe('CANCELLED');
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('a success that comes before the end of a cancellation counts', async () => {
  const client = world.client();
  const { kind, rawAgent } = ownKind();
  const { taskId } = await client.submit({ kind });
  const agent = await rawAgent('agent');
  const { claim } = await agent.take();
  agent.send({ case: 'accept', value: { claims: [claim] } });
  await vi.waitFor(async () => expect((await client.get(taskId)).state).toBe('RUNNING'), { timeout: 20_000 });
  await client.cancel(taskId, { graceMs: 60_000 });
  agent.send({ case: 'results', value: { results: [success(claim)] } });
  expect(await verdictsOf(agent, 1)).toEqual([ResultVerdict.RECORDED]);
  expect((await client.get(taskId)).state).toBe('SUCCEEDED');
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('a task whose agent dies on every attempt is a dead letter after the last', async () => {
  const mortal = world.sdkAgent('mortal');
  const { taskId } = await world.client().submit({
    kind: 'sdk.dies',
    retry: { maxAttempts: 3, initialBackoffMs: 10 },
  });
  await world.allEnded();
  mortal.stop();
  expect(await world.client().get(taskId)).toMatchObject({ state: 'DEAD_LETTER', attempt: 3, epoch: 3 });
  expect(await violationsOfRecord()).toEqual([]);
}, 150_000);

it('a request repeated fifty times is one task, before and after a crash, and never another', async () => {
  const before = await submitFiftyTimes();
  coordinator.kill();
  await coordinator.exited;
  await world.startCoordinator();
  const after = await submitFiftyTimes();
  expect(before.ids.size).toBe(1);
  expect(after.ids).toEqual(before.ids);
  expect([before.made, after.made]).toEqual([1, 0]);
  for (const refusal of [...before.refusals, ...after.refusals]) {
    expect(refusal).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'REQUEST_ID_REUSED' });
  }
  const named = await readThroughApi(world.client());
  expect(named.tasks.filter(({ requestId }) => requestId === 'one')).toHaveLength(1);
}, 150_000);

/** Fifty times the same from ten clients at once, then ten times another body under the same name. */
async function submitFiftyTimes() {
  const clients = Array.from({ length: 10 }, () => createClient({ address: coordinator.address }));
  const submit = (input: number) =>
    clients.map((client) =>
      client.submit({ kind: 'nobody', input, requestId: 'one', labels: { request: 'one' } }),
    );
  const handles = await Promise.all(Array.from({ length: 5 }, () => submit(1)).flat());
  const refusals = await Promise.all(
    submit(2).map((submission) =>
      submission.then(
        () => 'accepted',
        (error: unknown) => error,
      ),
    ),
  );
  for (const client of clients) client.close();
  return {
    ids: new Set(handles.map(({ taskId }) => taskId)),
    made: handles.filter(({ alreadySubmitted }) => !alreadySubmitted).length,
    refusals,
  };
}
