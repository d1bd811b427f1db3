import { type HandlerContext, type ReeveError, TaskError } from '@reeve/sdk';
import { LeaseVerdict, Outcome } from '@reeve/sdk/protocol';
import { expect, test } from 'vitest';
import { settle, setup, setupSlow } from './support/agent-world.js';
import { assignment, textOf, type WorkProbe } from './support/work-probe.js';

/** What has come of checkpoints, and of results between them, in order. */
function said(session: WorkProbe): string[] {
  return session.received.flatMap((message) => {
    if (message.case === 'progress') return message.value.reports.map((r) => textOf(r.checkpoint) || 'none');
    return message.case === 'results'
      ? message.value.results.map((r) => Outcome[r.result?.outcome ?? 0] ?? '')
      : [];
  });
}

/** One attempt by `handler`, to its result. */
async function attemptOf(handler: (ctx: HandlerContext) => unknown, rest = {}) {
  const { worker, connect } = await setup();
  worker.handle('task', (_, ctx) => handler(ctx));
  const session = await connect();
  session.assign({ ...assignment('task'), ...rest });
  const report = await session.nextResult();
  session.acknowledge(report);
  await settle(session);
  return { session, result: report.result };
}

test('the handler gets what an earlier attempt has left, JSON parsed and anything else as bytes', async () => {
  const seen: unknown[] = [];
  const left = (mediaType: string, content: string) => ({
    checkpoint: { mediaType, content: { case: 'data' as const, value: Buffer.from(content) } },
  });
  const note = (ctx: HandlerContext) => void seen.push(ctx.checkpoint);
  await attemptOf(note);
  await attemptOf(note, left('application/json', '{"page":4}'));
  await attemptOf(note, left('text/plain', 'page 4'));
  expect(seen).toEqual([undefined, { page: 4 }, new Uint8Array(Buffer.from('page 4'))]);
});

test('the last one goes out before a result that is no success, and a success sends none on', async () => {
  const leave = (ctx: HandlerContext) => {
    for (const page of [1, 2, 3]) ctx.progress(page / 10, 'reading', { checkpoint: { page } });
    ctx.progress(0.5, 'the newest says nothing of it');
  };
  const failed = await attemptOf((ctx) => {
    leave(ctx);
    throw new Error('no');
  });
  expect(said(failed.session)).toEqual(['{"page":3}', 'FAILED']);
  const done = await attemptOf(leave);
  expect(said(done.session)).toEqual(['SUCCEEDED']);
});

test('progress alone still waits for nobody: a failure drops it', async () => {
  const { session } = await attemptOf((ctx) => {
    ctx.progress(0.1);
    throw new Error('no');
  });
  expect(said(session)).toEqual(['FAILED']);
});

test('it is as it was at the call, and none is none: the one before stays', async () => {
  const { session } = await attemptOf((ctx) => {
    const pages = [1];
    ctx.progress(0.1, '', { checkpoint: pages });
    pages.push(2);
    ctx.progress(0.2, '', { checkpoint: undefined });
    throw new Error('no');
  });
  expect(said(session)).toEqual(['[1]', 'FAILED']);
});

test.each([
  [
    'is too large',
    'x'.repeat(65_535),
    'PAYLOAD_TOO_LARGE',
    'the checkpoint is 65537 bytes; at most 65536 are kept',
  ],
  ['has no JSON', 1n, 'INVALID_CHECKPOINT', 'cannot be written as JSON'],
])(
  'one that %s is an error that says so, and fails the attempt for good if nobody takes it',
  async (_, value, kind, message) => {
    let thrown: unknown;
    const { result } = await attemptOf((ctx) => {
      try {
        ctx.progress(0.1, '', { checkpoint: value });
      } catch (error) {
        thrown = error;
        throw error;
      }
    });
    expect(thrown).toBeInstanceOf(TaskError);
    expect(result?.error).toMatchObject({
      kind,
      message: expect.stringContaining(message),
      retryable: false,
    });
  },
);

test('as large as it may be it goes, a few in a message', async () => {
  const { worker, connect } = await setup({ slots: 40 });
  const checkpoint = 'x'.repeat(65_534);
  worker.handle('large', (_, ctx) => {
    ctx.progress(0.1, '', { checkpoint });
    throw new Error('no');
  });
  const session = await connect();
  session.assign(...Array.from({ length: 40 }, () => assignment('large')));
  for (let left = 40; left > 0; ) left -= (await session.next('results')).results.length;
  const reports = session.received.flatMap((m) => (m.case === 'progress' ? [m.value.reports] : []));
  expect(reports.flat()).toHaveLength(40);
  for (const message of reports) expect(message.length).toBeLessThanOrEqual(16);
});

test('an attempt that is sent back reports CANCELLED, after what it has left', async () => {
  const { worker, connect } = await setup();
  let begun = () => {};
  const isRunning = new Promise<void>((resolve) => (begun = resolve));
  worker.handle('task', (_, ctx) => {
    return new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => {
        ctx.progress(0.7, 'stopping', { checkpoint: 'here' });
        reject(ctx.signal.reason);
      });
      begun();
    });
  });
  const session = await connect();
  const task = assignment('task');
  session.assign(task);
  await isRunning;
  session.send({
    case: 'cancels',
    value: { cancels: [{ claim: task.claim, cause: 'PREEMPTED', reason: 'wanted' }] },
  });
  const { result } = await session.nextResult();
  expect(result).toMatchObject({ outcome: Outcome.CANCELLED, error: { kind: 'PREEMPTED', retryable: true } });
  expect(result?.error?.message).toContain('wanted');
  expect(said(session)).toEqual(['"here"', 'CANCELLED']);
});

test('a renewal that says why it is to stop is as good as the message', async () => {
  const { connect, running, assignSlow } = await setupSlow();
  const session = await connect();
  const claim = await assignSlow(session);
  const updates = [{ claim, verdict: LeaseVerdict.CANCEL, cause: 'PREEMPTED' }];
  session.send({ case: 'leaseUpdates', value: { updates } });
  const reason = (await running[0]?.aborted) as ReeveError;
  expect(reason.reason).toBe('PREEMPTED');
});

test('what was left before the stream broke is said again on the next one, before the result', async () => {
  const { server, worker, connect } = await setup();
  let fail = () => {};
  worker.handle('task', (_, ctx) => {
    ctx.progress(0.2, 'so far', { checkpoint: { page: 2 } });
    return new Promise((_resolve, reject) => (fail = () => reject(new Error('no'))));
  });
  const first = await connect();
  first.assign(assignment('task'));
  await first.next('progress');
  server.crash();
  await server.listen();
  const second = await server.nextSession();
  second.welcomeWith(LeaseVerdict.KEEP);
  await second.next('progress');
  fail();
  await second.next('results');
  expect(said(second)).toEqual(['{"page":2}', 'FAILED']);
});
