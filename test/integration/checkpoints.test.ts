import { randomUUID } from 'node:crypto';
import { agent, createClient, type HandlerContext } from '@reeve/sdk';
import { AgentService, Outcome, type Payload } from '@reeve/sdk/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createWorkWorld } from '../support/work-world.js';

const { setup, caller } = createWorkWorld();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const RETRY = { initialBackoffMs: 1 };
const LIMIT = 65_536;
const text = new TextEncoder();

/** The bytes of a checkpoint, which a door may write in either way. */
const textOf = (payload: Payload | undefined) =>
  payload?.content.case === 'data' ? Buffer.from(payload.content.value).toString() : '';
const bytes = (size: number) => {
  return {
    mediaType: 'text/plain',
    content: { case: 'data' as const, value: new Uint8Array(size).fill(120) },
  };
};
const json = (value: unknown) => {
  const data = text.encode(JSON.stringify(value));
  return { mediaType: 'application/json', content: { case: 'data' as const, value: data } };
};

async function startAgent(
  address: string,
  kind: string,
  handler: (input: unknown, ctx: HandlerContext) => unknown,
) {
  const worker = agent({ agentId: `agent-${randomUUID()}`, address, slots: 1, log: silent });
  worker.handle(kind, handler);
  await worker.start();
  onTestFinished(() => worker.stop({ graceMs: 0 }));
  return worker;
}

test('what an attempt leaves right before it fails the next one gets, and so does the one after that', async () => {
  const { kind, client, submit, address } = setup();
  const seen: unknown[] = [];
  await startAgent(address(), kind, (_, ctx) => {
    seen.push(ctx.checkpoint);
    if (ctx.attempt === 1) {
      for (let page = 1; page <= 3; page++) ctx.progress(page / 10, 'reading', { checkpoint: { page } });
      ctx.progress(0.35, 'and on');
    }
    if (ctx.attempt < 3) throw new Error('not today');
    return 'done';
  });
  const taskId = await submit({ retry: RETRY });
  expect(await client.wait(taskId)).toBe('done');
  expect(seen).toEqual([undefined, { page: 3 }, { page: 3 }]);

  const { checkpoint } = await client.get(taskId);
  expect(checkpoint).toEqual({ sizeBytes: 10, updateTime: expect.any(Date), epoch: 1 });
  expect((await client.get(taskId, { checkpoint: true })).checkpoint).toEqual({
    ...checkpoint,
    content: { page: 3 },
  });
});

test('a task of which nothing was left tells of nothing, and lists never do', async () => {
  const { kind, client, submit, connect } = setup();
  const raw = await connect('lister');
  const [without, left] = [await submit(), await submit()];
  const assignments = await raw.assignments(2);
  const claim = assignments.find((a) => a.claim?.taskId === left)?.claim;
  raw.send({ case: 'progress', value: { reports: [{ claim, progress: {}, checkpoint: json(1) }] } });
  await expect.poll(async () => (await client.get(left)).checkpoint?.sizeBytes).toBe(1);
  expect((await client.get(without, { checkpoint: true })).checkpoint).toBeUndefined();
  for await (const task of client.list({ kinds: [kind], full: true }))
    expect(task.checkpoint).toBeUndefined();
});

test('it is there after a restart of the coordinator', async () => {
  const data = temporaryFolder('checkpoints');
  const first = await openEmbedded({ data });
  const client = createClient({ address: first.address });
  let failed = () => {};
  const hasFailed = new Promise<void>((resolve) => (failed = resolve));
  const worker = agent({ agentId: 'first', address: first.address, log: silent });
  worker.handle('long', (_, ctx) => {
    ctx.progress(0.5, 'half', { checkpoint: ['half'] });
    failed();
    throw new Error('not today');
  });
  await worker.start();
  const { taskId } = await client.submit({ kind: 'long', retry: { initialBackoffMs: 2_000 } });
  await hasFailed;
  await worker.stop();
  client.close();
  await first.stop();

  const second = await openEmbedded({ data });
  onTestFinished(() => second.stop());
  const again = createClient({ address: second.address });
  onTestFinished(() => again.close());
  await startAgent(second.address, 'long', (_, ctx) => ctx.checkpoint);
  expect(await again.wait(taskId)).toEqual(['half']);
});

test('a result right behind it on the stream does not overtake it', async () => {
  const { submit, connect } = setup();
  const raw = await connect('hasty', { credit: 1 });
  const taskId = await submit({ retry: RETRY });
  for (let attempt = 1; attempt <= 2; attempt++) {
    const [assignment] = await raw.assignments(1);
    expect(assignment?.attempt).toBe(attempt);
    expect(textOf(assignment?.checkpoint)).toBe(attempt === 1 ? '' : '"late"');
    const claim = assignment?.claim;
    raw.accept(...(assignment ? [assignment] : []));
    const reports = ['early', 'late'].map((said) => ({ claim, progress: {}, checkpoint: json(said) }));
    for (const report of reports) raw.send({ case: 'progress', value: { reports: [report] } });
    const error = { kind: 'Broken', message: 'it broke', retryable: true };
    const result = { outcome: Outcome.FAILED, error };
    raw.send({ case: 'results', value: { results: [{ claim, resultId: randomUUID(), result }] } });
    await raw.next('resultAcks');
    raw.grant(attempt + 1);
  }
  expect(taskId).toBeTruthy();
});

test('calls without a stream leave and get it, the repeat of a call as well', async () => {
  const { kind, client, submit } = setup();
  const calls = caller();
  const call: typeof calls.call = (...args) => calls.call(...args);
  const { method } = AgentService;
  const agentId = `unary-${randomUUID()}`;
  await call(method.registerAgent, { agent: { agentId, capabilities: [kind] } });
  const lease = async (requestId: string) => {
    const maxWait = { seconds: 10n };
    const { assignments } = await call(method.leaseTasks, { agentId, maxWait, requestId });
    return assignments[0];
  };
  const taskId = await submit({ retry: RETRY });
  const first = await lease('one');
  expect(first?.checkpoint).toBeUndefined();
  const report = { claim: first?.claim, progress: { fraction: 0.5 } };
  const json5 = {
    content: { case: 'json' as const, value: { kind: { case: 'numberValue' as const, value: 5 } } },
  };
  await call(method.reportProgress, { agentId, reports: [{ ...report, checkpoint: json5 }] });
  expect((await client.get(taskId, { checkpoint: true })).checkpoint).toMatchObject({
    content: 5,
    sizeBytes: 1,
  });

  const tooLarge = [report, { ...report, checkpoint: bytes(LIMIT + 1) }];
  await expect(call(method.reportProgress, { agentId, reports: tooLarge })).rejects.toThrow(
    'reports[1].checkpoint: has 65537 bytes; at most 65536 are allowed',
  );
  await call(method.reportProgress, { agentId, reports: [{ ...report, checkpoint: bytes(LIMIT) }] });

  const failure = { outcome: Outcome.FAILED, error: { kind: 'Broken', message: 'no', retryable: true } };
  await call(method.reportResults, {
    agentId,
    results: [{ claim: first?.claim, resultId: randomUUID(), result: failure }],
  });
  const second = await lease('two');
  expect(second).toMatchObject({ claim: { taskId, epoch: 2n } });
  expect(textOf(second?.checkpoint)).toBe('x'.repeat(LIMIT));
  expect((await lease('two'))?.checkpoint).toEqual(second?.checkpoint);
});

test('one that is too large ends the stream that brought it, naming field and limit, and nothing is kept', async () => {
  const { client, submit, connect } = setup();
  const raw = await connect('greedy');
  const taskId = await submit();
  const [assignment] = await raw.assignments(1);
  const report = { claim: assignment?.claim, progress: { fraction: 0.9 }, checkpoint: bytes(LIMIT + 1) };
  raw.send({ case: 'progress', value: { reports: [report] } });
  expect(await raw.over).toMatchObject({
    details: 'progress.reports[0].checkpoint: has 65537 bytes; at most 65536 are allowed',
  });
  const task = await client.get(taskId);
  expect([task.checkpoint, task.progress]).toEqual([undefined, undefined]);
});

test('what the same agent says on another stream counts, and nobody else may say anything', async () => {
  const { kind, client, submit, connect } = setup();
  const instanceKey = randomUUID();
  const first = await connect('mover', { instanceKey });
  const taskId = await submit();
  const [assignment] = await first.assignments(1);
  const claim = assignment?.claim;
  const stranger = caller();
  const agentId = `stranger-${randomUUID()}`;
  const { method } = AgentService;
  await stranger.call(method.registerAgent, { agent: { agentId, capabilities: [kind] } });
  await stranger.call(method.reportProgress, {
    agentId,
    reports: [{ claim, progress: {}, checkpoint: json('no') }],
  });
  expect((await client.get(taskId)).checkpoint).toBeUndefined();

  // It has not said yet that it holds the task.
  const second = await connect('mover', { instanceKey });
  second.send({ case: 'progress', value: { reports: [{ claim, progress: {}, checkpoint: json('yes') }] } });
  const content = async () => (await client.get(taskId, { checkpoint: true })).checkpoint?.content;
  await expect.poll(content, { timeout: 20_000 }).toBe('yes');
});
