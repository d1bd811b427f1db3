import { randomUUID } from 'node:crypto';
import { agent, type Client, createClient, type HandlerContext, type ReeveError } from '@reeve/sdk';
import { LeaseVerdict, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import type { Ports } from '../../src/usecases/ports.js';
import { preemptTasks } from '../../src/usecases/preempt-tasks.js';
import { openWithPorts } from '../support/coordinator-ports.js';
import { RawAgent } from '../support/raw-agent.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const HOUR_MS = 3_600_000;

let coordinator: Coordinator;
let ports: Ports;
let client: Client;
beforeAll(async () => {
  ({ coordinator, ports } = await openWithPorts());
  client = createClient({ address: coordinator.address });
});
afterAll(async () => {
  client.close();
  await coordinator.stop();
});

async function preempt(taskId: string, graceMs = HOUR_MS) {
  const { org, epoch } = await client.get(taskId);
  const [outcome] = await preemptTasks(ports)([{ org, taskId, epoch, graceMs, forTaskId: randomUUID() }]);
  return outcome;
}

async function reaches(taskId: string, state: string): Promise<void> {
  for await (const task of client.watch(taskId)) if (task.state === state) return;
  throw new Error(`${taskId} never was ${state}`);
}

async function typesOf(taskId: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of client.events(taskId)) types.push(type);
  return types;
}

/** An agent of the SDK that does tasks of a kind of its own, as the test says. */
async function setupAgent(handler: (input: unknown, ctx: HandlerContext) => unknown) {
  const kind = `kind-${randomUUID()}`;
  const worker = agent({ agentId: kind, address: coordinator.address, slots: 1, log: silent });
  onTestFinished(() => worker.stop({ graceMs: 0 }));
  worker.handle(kind, handler);
  await worker.start();
  return (await client.submit({ kind, tier: 'LOW' })).taskId;
}

async function setupRaw() {
  const kind = `kind-${randomUUID()}`;
  const instanceKey = randomUUID();
  const connect = async (held: { taskId: string; epoch: bigint }[] = []) => {
    const raw = new RawAgent(coordinator.address);
    onTestFinished(() => raw.close());
    return { raw, welcome: await raw.hello(kind, { capabilities: [kind], instanceKey, held }) };
  };
  const { raw } = await connect();
  const { taskId } = await client.submit({ kind, tier: 'LOW' });
  const assignment = await raw.take();
  raw.accept(assignment);
  await reaches(taskId, 'RUNNING');
  return { raw, connect, taskId, assignment };
}

/** Resolves when the attempt is to stop, with why. */
const stopped = ({ signal }: HandlerContext) =>
  new Promise<ReeveError>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

test('an agent that is told to stop leaves what it has, and the task goes on from there', async () => {
  const seen: unknown[] = [];
  const taskId = await setupAgent(async (_, ctx) => {
    seen.push([ctx.attempt, ctx.epoch, ctx.checkpoint]);
    if (ctx.checkpoint !== undefined) return `from ${JSON.stringify(ctx.checkpoint)}`;
    const reason = await stopped(ctx);
    seen.push(reason.reason);
    ctx.progress(0.4, 'stopping', { checkpoint: { page: 4 } });
    throw reason;
  });
  await reaches(taskId, 'RUNNING');
  expect(await preempt(taskId)).toMatchObject({ kind: 'OK', changed: true });

  expect(await client.wait(taskId)).toBe('from {"page":4}');
  expect(seen).toEqual([[1, 1, undefined], 'PREEMPTED', [1, 2, { page: 4 }]]);
  expect(await client.get(taskId)).toMatchObject({
    state: 'SUCCEEDED',
    attempt: 1,
    epoch: 2,
    preemptions: 1,
  });
  const first = ['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'PREEMPTION_BEGUN', 'PREEMPTED'];
  expect(await typesOf(taskId)).toEqual([...first, 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
});

test('an agent that has done it by then has done it', async () => {
  const taskId = await setupAgent(async (_, ctx) => {
    await stopped(ctx);
    return 'done';
  });
  await reaches(taskId, 'RUNNING');
  await preempt(taskId);
  expect(await client.wait(taskId)).toBe('done');
  expect(await client.get(taskId)).toMatchObject({ state: 'SUCCEEDED', epoch: 1, preemptions: 0 });
});

test('one that does not stop loses the task with the grace, and what it says later does not count', async () => {
  const { raw, taskId, assignment } = await setupRaw();
  expect(await preempt(taskId, 200)).toMatchObject({ kind: 'OK', changed: true });
  expect((await raw.next('cancels')).cancels[0]).toMatchObject({
    claim: { taskId, epoch: 1n },
    cause: 'PREEMPTED',
    reason: 'a person waits for the slot',
    grace: { nanos: 200_000_000 },
  });
  const { updates } = await raw.next('leaseUpdates');
  expect(updates[0]).toMatchObject({ claim: { taskId }, verdict: LeaseVerdict.LOST });
  await reaches(taskId, 'QUEUED');
  expect(await client.get(taskId)).toMatchObject({ reason: 'PREEMPTED', attempt: 0, preemptions: 1 });

  const report = { claim: assignment.claim, resultId: randomUUID(), result: { outcome: Outcome.SUCCEEDED } };
  const answerTo = async () => {
    raw.send({ case: 'results', value: { results: [report] } });
    return (await raw.next('resultAcks')).acks[0]?.verdict;
  };
  expect(await answerTo()).toBe(ResultVerdict.LEASE_SUPERSEDED);
  // The same agent has it again: the old claim still does not count.
  expect((await raw.take()).claim).toMatchObject({ taskId, epoch: 2n });
  expect(await answerTo()).toBe(ResultVerdict.LEASE_SUPERSEDED);
  expect((await client.get(taskId)).state).toBe('ASSIGNED');
});

test('whoever missed the message is told by a renewal, and by the welcome of another stream, with what remains', async () => {
  const { raw, connect, taskId, assignment } = await setupRaw();
  await preempt(taskId, 60_000);
  raw.send({ case: 'renew', value: { claims: [assignment.claim] } });
  const { updates } = await raw.next('leaseUpdates');
  const told = { claim: { taskId }, verdict: LeaseVerdict.CANCEL, cause: 'PREEMPTED' };
  expect(updates[0]).toMatchObject(told);
  expect(updates[0]?.remaining?.seconds).toSatisfy((s: bigint) => s > 20n && s <= 60n);

  const { raw: other, welcome } = await connect([{ taskId, epoch: 1n }]);
  expect(welcome.verdicts[0]).toMatchObject(told);
  // An accept that is said again, as it is after a change of streams, loses nothing.
  other.accept(assignment);
  const result = { outcome: Outcome.CANCELLED, error: { kind: 'PREEMPTED', retryable: true } };
  const results = [{ claim: assignment.claim, resultId: randomUUID(), result }];
  other.send({ case: 'results', value: { results } });
  expect((await other.next('resultAcks')).acks[0]?.verdict).toBe(ResultVerdict.RECORDED);
  expect(other.has('leaseUpdates')).toBe(false);
  expect(await client.get(taskId)).toMatchObject({ state: 'QUEUED', attempt: 0, preemptions: 1 });
});

test('what a person cancels meanwhile is cancelled, not run again', async () => {
  const taskId = await setupAgent(async (_, ctx) => {
    const reason = await stopped(ctx);
    await client.cancel(taskId, { reason: 'not wanted' });
    throw reason;
  });
  await reaches(taskId, 'RUNNING');
  await preempt(taskId);
  await reaches(taskId, 'CANCELLED');
  expect(await client.get(taskId)).toMatchObject({ reason: 'not wanted', preemptions: 0 });
});
