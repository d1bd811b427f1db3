import { Outcome } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { settle, setupSlow, until } from './support/agent-world.js';
import { assignment } from './support/work-probe.js';

describe('an agent that stops', () => {
  it('takes nothing new, ends what runs, and waits until its result is recorded', async () => {
    const { worker, connect, assignSlow, running } = await setupSlow();
    const session = await connect();
    await assignSlow(session);
    let stopped = false;
    const stop = worker.stop().then(() => (stopped = true));
    await session.next('drain');
    const late = assignment('slow');
    session.assign(late);
    expect((await session.next('decline')).claims).toMatchObject([late.claim]);
    session.send({ case: 'drainAck', value: {} });
    running[0]?.finish('done');
    const report = await session.nextResult();
    await settle(session);
    expect(stopped).toBe(false);
    session.acknowledge(report);
    await stop;
    await session.ended;
    expect(running).toHaveLength(1);
    expect(session.count('grant')).toBe(1);
  });

  it('aborts handlers when the grace is over, and reports their attempts as failed', async () => {
    const { worker, connect, assignSlow, running } = await setupSlow();
    const session = await connect();
    await assignSlow(session);
    const stop = worker.stop({ graceMs: 20 });
    expect((await running[0]?.aborted)?.reason).toBe('AGENT_STOPPED');
    const report = await session.nextResult();
    expect(report.result).toMatchObject({
      outcome: Outcome.FAILED,
      error: { kind: 'AGENT_STOPPED', retryable: true },
    });
    session.acknowledge(report);
    session.send({ case: 'drainAck', value: {} });
    await stop;
  });

  it('gives up handlers that do not heed the abort', async () => {
    const { worker, connect } = await setupSlow();
    worker.handle('deaf', () => new Promise(() => {}));
    const session = await connect();
    session.assign(assignment('deaf'));
    await session.next('accept');
    const stop = worker.stop({ graceMs: 0 });
    session.send({ case: 'drainAck', value: {} });
    await stop;
    expect(session.count('results')).toBe(0);
  });

  it('stops although no coordinator has ever answered', async () => {
    const { server, worker, messages } = await setupSlow();
    server.crash();
    const started = worker.start().catch((error) => error);
    await until(() => messages.length > 0);
    expect(messages[0]?.message).toContain(server.address);
    expect(messages[0]?.message).toContain('`reeve dev`');
    await worker.stop();
    expect((await started).reason).toBe('AGENT_STOPPED');
    await worker.stop();
  });
});
