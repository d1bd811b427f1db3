import { createClient } from '@reeve/sdk';
import { AgentService, CoordinatorService, Outcome, ResultVerdict } from '@reeve/sdk/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { unaryAgent } from '../support/unary-agent.js';

const { method } = AgentService;
const WAIT = { seconds: 10n };
const NO_WAIT = { seconds: 0n };

describe('work without a stream', () => {
  let coordinator: Coordinator;
  let client: ReturnType<typeof createClient>;
  let agent: ReturnType<typeof unaryAgent>;
  /** Of its own in each test, and so is the agent. */
  let kind: string;
  let lambda: string;
  let count = 0;

  beforeAll(async () => {
    coordinator = await openEmbedded({ data: temporaryFolder('unary') });
    client = createClient({ address: coordinator.address });
  });

  afterAll(async () => {
    client.close();
    await coordinator.stop();
  });

  beforeEach(async () => {
    count += 1;
    kind = `unary-${count}`;
    lambda = `lambda-${count}`;
    agent = unaryAgent(coordinator.address, lambda);
    await agent.register([kind]);
  });

  afterEach(() => agent.client.client.close());

  const types = async (taskId: string) => {
    const found: string[] = [];
    for await (const event of client.events(taskId)) found.push(event.type);
    return found;
  };

  test('a call that waits gets the task that comes, and the reports take it to its end', async () => {
    const asked = agent.lease({ maxTasks: 2 });
    const { taskId } = await client.submit({ kind, input: { a: 1 } });
    const [first, ...others] = await asked;
    expect(others).toEqual([]);
    expect(first).toMatchObject({ claim: { taskId, epoch: 1n }, attempt: 1, spec: { kind } });
    expect(Buffer.from(first?.spec?.input?.content.value as Uint8Array).toString()).toBe('{"a":1}');

    expect(await agent.accept(first?.claim)).toEqual(['KEEP']);
    expect(await agent.accept(first?.claim)).toEqual(['KEEP']);
    await agent.progress(first?.claim, 0.5);
    expect(await client.get(taskId)).toMatchObject({
      state: 'RUNNING',
      progress: { fraction: 0.5, text: 'so far' },
    });
    expect(await agent.renew(first?.claim)).toEqual(['KEEP']);
    const resultId = crypto.randomUUID();
    expect(await agent.report(first?.claim, resultId)).toEqual(['RECORDED']);
    expect(await agent.report(first?.claim, resultId)).toEqual(['ALREADY_RECORDED']);
    expect(await agent.report(first?.claim)).toEqual(['CONFLICT']);
    expect(await client.wait(taskId)).toBe(42);
    expect(await types(taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
  });

  test('a call gets what waits already, as much as it asks for, and no more is sent to nobody', async () => {
    for (let n = 0; n < 5; n++) await client.submit({ kind, input: n });
    const first = await agent.lease({ maxTasks: 3 });
    expect(first).toHaveLength(3);
    expect(await client.agents.get(lambda)).toMatchObject({ inFlight: 3, credit: 0 });
    const { taskId } = await client.submit({ kind });
    expect((await client.get(taskId)).state).toBe('QUEUED');
    expect(await agent.lease({ maxTasks: 100 })).toHaveLength(3);
    expect(await agent.lease({ maxTasks: 100, maxWait: NO_WAIT })).toEqual([]);
  });

  test('the repeat of a named call is answered with what the first one got', async () => {
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await client.submit({ kind })).taskId);
    const request = { maxTasks: 2, requestId: 'call-1' };
    const first = await agent.lease(request);
    expect(await agent.lease(request)).toEqual(first);
    expect(first.map(({ claim }) => claim?.taskId)).toEqual(ids.slice(0, 2));
    for (const { claim } of first) await agent.report(claim);
    expect((await agent.lease(request)).map(({ claim }) => claim?.taskId)).toEqual(ids.slice(2));

    const waits = agent.lease({ requestId: 'call-2' });
    const { taskId } = await client.submit({ kind });
    expect((await waits)[0]?.claim?.taskId).toBe(taskId);
    expect((await agent.lease({ requestId: 'call-2' }))[0]?.claim).toMatchObject({ taskId, epoch: 1n });
  });

  test('a newer call of the same process ends the older one, another process asks beside it', async () => {
    const older = agent.lease({ maxTasks: 5 });
    const instanceKey = crypto.randomUUID();
    const beside = agent.lease({ instanceKey });
    await expect.poll(() => client.agents.get(lambda).then((a) => a.credit)).toBe(6);
    const newer = agent.lease();
    expect(await older).toEqual([]);
    for (let n = 0; n < 3; n++) await client.submit({ kind });
    expect([await newer, await beside].map((tasks) => tasks.length)).toEqual([1, 1]);
  });

  test('a caller that is gone gets nothing; the next one does', async () => {
    const gone = connect(coordinator.address);
    const call = gone.call(
      method.leaseTasks,
      { agentId: lambda, maxWait: WAIT },
      {},
      { deadline: Date.now() + 500 },
    );
    await expect(call).rejects.toThrow('DEADLINE_EXCEEDED');
    await expect.poll(() => client.agents.get(lambda).then((a) => a.credit)).toBe(0);
    const { taskId } = await client.submit({ kind });
    expect((await client.get(taskId)).state).toBe('QUEUED');
    expect((await agent.lease())[0]).toMatchObject({ claim: { taskId, epoch: 1n }, attempt: 1 });
    gone.client.close();
  });

  test('what is given back costs no attempt; what another holds is not to be had', async () => {
    const { taskId } = await client.submit({ kind });
    const [first] = await agent.lease();
    const other = unaryAgent(coordinator.address, 'other');
    await other.register([kind]);
    expect(await other.accept(first?.claim)).toEqual(['LOST']);
    expect(await other.renew(first?.claim)).toEqual(['LOST']);
    expect(await other.report(first?.claim)).toEqual(['LEASE_SUPERSEDED']);
    await other.release(first?.claim);
    expect((await client.get(taskId)).state).toBe('ASSIGNED');

    await agent.release(first?.claim);
    const [second] = await other.lease();
    expect(second).toMatchObject({ claim: { taskId, epoch: 2n }, attempt: 1 });
    expect(await agent.report(first?.claim)).toEqual(['LEASE_SUPERSEDED']);
    expect(await other.report(second?.claim)).toEqual(['RECORDED']);
    other.client.client.close();
  });

  test('what it is done with does not count as its load any more', async () => {
    const load = () => client.agents.get(lambda).then(({ inFlight }) => inFlight);
    for (let i = 0; i < 3; i++) {
      await client.submit({ kind });
      const [task] = await agent.lease();
      expect(await load()).toBe(1);
      await agent.accept(task?.claim);
      await agent.report(task?.claim);
      expect(await load()).toBe(0);
    }
    await client.submit({ kind });
    const [task] = await agent.lease();
    await agent.release(task?.claim);
    expect(await load()).toBe(0);
  });

  test('it can get again what it gave back, and what failed', async () => {
    const { taskId } = await client.submit({ kind, retry: { initialBackoffMs: 1 } });
    const [first] = await agent.lease();
    await agent.release(first?.claim);
    const [second] = await agent.lease();
    expect(second).toMatchObject({ claim: { taskId, epoch: 2n }, attempt: 1 });
    await agent.accept(second?.claim);
    await agent.fail(second?.claim);
    const [third] = await agent.lease();
    expect(third).toMatchObject({ claim: { taskId, epoch: 3n }, attempt: 2 });
    await agent.report(third?.claim);
  });

  test('a cancelled task is told by the renewal', async () => {
    const { taskId } = await client.submit({ kind });
    const [first] = await agent.lease();
    await agent.accept(first?.claim);
    await client.cancel(taskId);
    expect(await agent.renew(first?.claim)).toEqual(['CANCEL']);
  });

  test('each result counts on its own', async () => {
    await client.submit({ kind });
    const [first] = await agent.lease();
    const result = { outcome: Outcome.SUCCEEDED };
    const resultId = crypto.randomUUID();
    const unknown = { taskId: '01890000-0000-7000-8000-000000000000', epoch: 1n };
    const { acks } = await agent.client.call(method.reportResults, {
      agentId: lambda,
      results: [
        { claim: unknown, resultId: crypto.randomUUID(), result },
        { resultId: crypto.randomUUID(), result },
        { claim: first?.claim, resultId, result },
      ],
    });
    expect(acks.map(({ verdict }) => ResultVerdict[verdict])).toEqual(['NOT_FOUND', 'REFUSED', 'RECORDED']);
  });

  test('an agent that is not registered is told so, and bad claims are named', async () => {
    const stranger = unaryAgent(coordinator.address, 'stranger');
    await expect(stranger.lease()).rejects.toThrow('agent stranger does not exist');
    await expect(
      stranger.renew({ taskId: '01890000-0000-7000-8000-000000000000', epoch: 1n }),
    ).rejects.toThrow('agent stranger does not exist');
    await expect(agent.renew({ taskId: 'x', epoch: 0n })).rejects.toThrow('claims[0].task_id');
    await expect(agent.renew()).rejects.toThrow('claims: ');
    await expect(agent.lease({ maxWait: { seconds: 21n } })).rejects.toThrow('max_wait');
    stranger.client.client.close();
  });
});

test('leases outlive the coordinator', async () => {
  const data = temporaryFolder('unary-restart');
  const first = await openEmbedded({ data });
  const client = createClient({ address: first.address });
  const agent = unaryAgent(first.address, 'lambda');
  await agent.register(['unary']);
  const { taskId } = await client.submit({ kind: 'unary' });
  const [lease] = await agent.lease({ requestId: 'before' });
  await agent.accept(lease?.claim);
  agent.client.client.close();
  client.close();
  await first.stop();

  const second = await openEmbedded({ data });
  const again = unaryAgent(second.address, 'lambda');
  expect(await again.lease({ requestId: 'before' })).toEqual([lease]);
  expect(await again.renew(lease?.claim)).toEqual(['KEEP']);
  expect(await again.report(lease?.claim)).toEqual(['RECORDED']);
  const { task } = await again.client.call(CoordinatorService.method.getTask, { taskId });
  expect(task?.epoch).toBe(1n);
  again.client.client.close();
  await second.stop();
});

test('what is not accepted in time goes back', async () => {
  const coordinator = await openEmbedded({ 'accept-timeout': '4s' });
  const client = createClient({ address: coordinator.address });
  const agent = unaryAgent(coordinator.address, 'slow');
  await agent.register(['unary']);
  const { taskId } = await client.submit({ kind: 'unary' });
  const [first] = await agent.lease();
  const [second] = await agent.lease();
  expect(second).toMatchObject({ claim: { taskId, epoch: 2n }, attempt: 1 });
  expect(await agent.accept(first?.claim)).toEqual(['LOST']);
  expect(await agent.report(second?.claim)).toEqual(['RECORDED']);
  agent.client.client.close();
  client.close();
  await coordinator.stop();
});
