import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { Outcome } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { setup } from './support/agent-world.js';
import { assignment, textOf } from './support/work-probe.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

describe('an agent that connects', () => {
  it('says who it is, with the kinds it handles among its capabilities', async () => {
    const { worker, connect } = await setup({ capabilities: ['gpu'], slots: 2, tags: ['x'], region: 'eu' });
    worker.handle('echo', (input) => input);
    const { hello } = await connect();
    expect(hello.agent).toMatchObject({
      agentId: 'worker',
      capabilities: ['gpu', 'echo'],
      tags: ['x'],
      region: 'eu',
    });
    expect(hello).toMatchObject({ slots: 2, heldLeases: [], protocolVersion: 1 });
    expect(hello.client).toBe(`reeve-sdk-typescript/${version}`);
    expect(hello.instanceKey).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('grants its free slots once, and one more for each that becomes free', async () => {
    const { worker, connect } = await setup({ slots: 2 });
    worker.handle('echo', (input) => input);
    const session = await connect();
    expect((await session.next('grant')).grantedTotal).toBe(2n);
    session.assign(assignment('echo', 'a'), assignment('echo', 'b'));
    const { claims } = await session.next('accept');
    expect(claims).toHaveLength(2);
    for (const report of (await session.next('results')).results) session.acknowledge(report);
    expect((await session.next('grant')).grantedTotal).toBe(4n);
  });

  it('does not grant a slot whose handler still runs', async () => {
    const { worker, connect } = await setup({ slots: 1 });
    let finish = (_: string) => {};
    worker.handle('slow', () => new Promise<string>((resolve) => (finish = resolve)));
    const session = await connect();
    await session.next('grant');
    session.assign(assignment('slow'));
    await session.next('accept');
    session.send({ case: 'ping', value: { nonce: 7n } });
    await session.next('pong');
    expect(session.count('grant')).toBe(1);
    finish('done');
    expect((await session.next('grant')).grantedTotal).toBe(2n);
  });

  it('asks for no more when results pile up unacknowledged', async () => {
    const { worker, connect } = await setup({ slots: 1 });
    worker.handle('echo', (input) => input);
    const session = await connect();
    const reports = [];
    for (let i = 0; i < 3; i++) {
      await session.next('grant');
      session.assign(assignment('echo', i));
      reports.push(await session.nextResult());
    }
    session.send({ case: 'ping', value: { nonce: 1n } });
    await session.next('pong');
    expect(session.count('grant')).toBe(3);
    for (const report of reports) session.acknowledge(report);
    expect((await session.next('grant')).grantedTotal).toBe(4n);
  });

  it('tells handlers what a task is about, what it was made from, and which part of a workflow it is', async () => {
    const { worker, connect } = await setup();
    worker.handle('look', (_input, ctx) => ({
      brief: ctx.task.brief,
      item: ctx.task.item,
      workflow: ctx.workflow,
    }));
    const session = await connect();
    const plain = assignment('look');
    const told = assignment('look');
    const itemData = { kind: { case: 'stringValue' as const, value: 'a.txt' } };
    const workflow = { workflowId: 'w', groupId: 'g', taskId: 't', sequenceNum: 2, run: 1 };
    const spec = {
      ...told.spec,
      brief: { name: 'Review', instructions: 'Read it.', tools: ['grep'] },
      item: { sequenceNum: 2, identifier: 'a', itemData, baseTaskId: 'g.t', totalCount: 3 },
      workflow,
    };
    const outputs: unknown[] = [];
    for (const task of [plain, { ...told, spec }]) {
      session.assign(task);
      outputs.push(JSON.parse(textOf((await session.nextResult()).result?.output)));
    }
    expect(outputs).toEqual([
      {},
      {
        brief: { name: 'Review', instructions: 'Read it.', message: '', tools: ['grep'], files: [] },
        item: { sequenceNum: 2, identifier: 'a', itemData: 'a.txt', baseTaskId: 'g.t', totalCount: 3 },
        workflow,
      },
    ]);
  });

  it('answers pings with their nonce', async () => {
    const { connect } = await setup();
    const session = await connect();
    session.send({ case: 'ping', value: { nonce: 42n } });
    expect((await session.next('pong')).nonce).toBe(42n);
  });

  it('declines kinds that it has no handler for, and keeps the slot', async () => {
    const { worker, connect } = await setup({ slots: 1 });
    worker.handle('echo', (input) => input);
    const session = await connect();
    await session.next('grant');
    const unknown = assignment('unknown');
    session.assign(unknown);
    const declined = await session.next('decline');
    expect(declined.claims).toMatchObject([unknown.claim]);
    expect(declined.reason).toContain('unknown');
    expect((await session.next('grant')).grantedTotal).toBe(2n);
  });

  it('runs an assignment that comes twice once', async () => {
    const { worker, connect } = await setup();
    let runs = 0;
    worker.handle('count', () => ++runs);
    const session = await connect();
    const task = assignment('count');
    session.assign(task, task);
    await session.nextResult();
    session.assign(task);
    session.send({ case: 'ping', value: { nonce: 1n } });
    await session.next('pong');
    expect(runs).toBe(1);
  });
});

describe('the context of a handler', () => {
  it('tells what the task is', async () => {
    const { worker, connect } = await setup();
    worker.handle('look', (_, { taskId, attempt, epoch, kind, task }) => ({
      taskId,
      attempt,
      epoch,
      kind,
      task,
    }));
    const session = await connect();
    const it = assignment('look', null, { epoch: 5n, attempt: 2 });
    session.assign({ ...it, spec: { ...it.spec, labels: { a: 'b' }, goal: 'g', source: 1, tier: 2 } });
    const { result } = await session.nextResult();
    expect(JSON.parse(textOf(result?.output))).toMatchObject({
      taskId: it.claim.taskId,
      attempt: 2,
      epoch: 5,
      kind: 'look',
      task: { labels: { a: 'b' }, goal: 'g', intent: '', source: 'HUMAN', tier: 'URGENT', parentTaskId: '' },
    });
  });

  it('sends the newest progress, not every one', async () => {
    const { worker, connect } = await setup();
    let finish = () => {};
    worker.handle('slow', (_, ctx) => {
      for (let i = 0; i <= 50; i++) ctx.progress(i / 100, `step ${i}\u0007`);
      return new Promise<void>((resolve) => (finish = resolve));
    });
    const session = await connect();
    session.assign(assignment('slow'), assignment('slow'));
    const { reports } = await session.next('progress');
    expect(reports.map((report) => report.progress)).toMatchObject([
      { fraction: 0.5, text: 'step 50 ' },
      { fraction: 0.5, text: 'step 50 ' },
    ]);
    expect(session.count('progress')).toBe(1);
    finish();
  });

  it('logs with the task on every line', async () => {
    const { worker, connect, messages } = await setup();
    worker.handle('talk', (_, ctx) => ctx.log.info('hello', { n: 1 }));
    const session = await connect();
    const task = assignment('talk');
    session.assign(task);
    await session.nextResult();
    const said = messages.find(({ message }) => message === 'hello');
    expect(said).toMatchObject({
      level: 'info',
      fields: { agentId: 'worker', taskId: task.claim.taskId, kind: 'talk', attempt: 1, n: 1 },
    });
  });
});

describe('a cancelled attempt', () => {
  async function cancelled(handler: (signal: AbortSignal) => Promise<unknown>) {
    const { worker, connect } = await setup();
    worker.handle('slow', (_, { signal }) => handler(signal));
    const session = await connect();
    const { claim, ...rest } = assignment('slow');
    session.assign({ claim, ...rest });
    await session.next('accept');
    session.send({ case: 'cancels', value: { cancels: [{ claim, cause: 'CANCELLED', reason: 'no need' }] } });
    return (await session.nextResult()).result;
  }

  it('is reported as cancelled if its handler throws', async () => {
    const result = await cancelled(async (signal) => delay(60_000, undefined, { signal }));
    expect(result?.outcome).toBe(Outcome.CANCELLED);
  });

  it('tells its handler why', async () => {
    const result = await cancelled(
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve([signal.reason.reason, signal.reason.message]));
        }),
    );
    expect(result?.outcome).toBe(Outcome.SUCCEEDED);
    expect(textOf(result?.output)).toBe('["CANCELLED","the task was cancelled: no need"]');
  });

  it('tells its handler so when that asks only afterwards', async () => {
    const { worker, connect } = await setup();
    let goOn = () => {};
    const cancelSeen = new Promise<void>((resolve) => (goOn = resolve));
    worker.handle('slow', async (_, context) => {
      await cancelSeen;
      const { signal } = { ...context };
      return [signal.aborted, signal.reason.reason];
    });
    const session = await connect();
    const { claim, ...rest } = assignment('slow');
    session.assign({ claim, ...rest });
    await session.next('accept');
    session.send({ case: 'cancels', value: { cancels: [{ claim, cause: 'CANCELLED' }] } });
    session.send({ case: 'ping', value: { nonce: 1n } });
    await session.next('pong');
    goOn();
    const { result } = await session.nextResult();
    expect(textOf(result?.output)).toBe('[true,"CANCELLED"]');
  });
});
