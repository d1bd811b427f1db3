import { status } from '@grpc/grpc-js';
import { type AgentOptions, agent, type ReeveError } from '@reeve/sdk';
import { LeaseVerdict, Outcome } from '@reeve/sdk/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeCoordinator, statusError } from './support/fake-coordinator.js';
import { keepingLog } from './support/keeping-log.js';
import { assignment, type WorkProbe } from './support/work-probe.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setup(options: AgentOptions = {}) {
  const server = await FakeCoordinator.start();
  const { log, messages } = keepingLog();
  const worker = agent({ agentId: 'worker', address: server.address, log, ...options });
  cleanups.push(
    () => worker.stop({ graceMs: 0 }),
    () => server.crash(),
  );
  /** A handler that ends when the test says so, and what its signal told it. */
  const running: { finish: (output: unknown) => void; aborted: Promise<ReeveError>; signal: AbortSignal }[] =
    [];
  worker.handle('slow', (_, { signal }) => {
    return new Promise((resolve, reject) => {
      const aborted = new Promise<ReeveError>((tell) => {
        signal.addEventListener('abort', () => {
          tell(signal.reason);
          reject(signal.reason);
        });
      });
      running.push({ finish: resolve, aborted, signal });
    });
  });
  const connect = async (terms = {}) => {
    const started = worker.start();
    const session = await server.nextSession();
    session.welcome(terms);
    await started;
    return session;
  };
  /** Assigns a slow task and waits until its handler runs. */
  const assignSlow = async (session: WorkProbe, rest = {}) => {
    const task = { ...assignment('slow'), ...rest };
    session.assign(task);
    await session.next('accept');
    await until(() => running.length > 0);
    return task.claim;
  };
  return { server, worker, connect, assignSlow, running, messages };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Whatever the agent had to send by now has come. */
async function settle(session: WorkProbe): Promise<void> {
  session.send({ case: 'ping', value: { nonce: 99n } });
  await session.next('pong');
}

describe('an agent whose stream breaks', () => {
  it('says what it holds, and the handler goes on', async () => {
    const { server, connect, assignSlow, running } = await setup();
    const first = await connect();
    const claim = await assignSlow(first);
    first.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    const second = await server.nextSession();
    expect(second.hello.heldLeases).toMatchObject([{ claim, hasUnackedResult: false }]);
    expect(second.hello.instanceKey).toBe(first.hello.instanceKey);
    second.welcomeWith(LeaseVerdict.KEEP);
    expect((await second.next('grant')).grantedTotal).toBe(2n);
    running[0]?.finish('done');
    expect((await second.nextResult()).result?.outcome).toBe(Outcome.SUCCEEDED);
  });

  it('sends a result again under the same id until it is acknowledged', async () => {
    const { server, connect, assignSlow, running } = await setup();
    const first = await connect();
    await assignSlow(first);
    running[0]?.finish('done');
    const { resultId } = await first.nextResult();
    server.crash();
    await server.listen();
    const second = await server.nextSession();
    expect(second.hello.heldLeases).toMatchObject([{ hasUnackedResult: true }]);
    second.welcomeWith(LeaseVerdict.KEEP);
    const again = await second.nextResult();
    expect(again.resultId).toBe(resultId);
    second.acknowledge(again);
    second.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    expect((await server.nextSession()).hello.heldLeases).toEqual([]);
  });

  it('does not send a result again that the server says it has', async () => {
    const { server, connect, assignSlow, running } = await setup();
    const first = await connect();
    await assignSlow(first);
    running[0]?.finish('done');
    await first.nextResult();
    first.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    const second = await server.nextSession();
    second.welcomeWith(LeaseVerdict.RESULT_RECORDED);
    await settle(second);
    expect(second.count('results')).toBe(0);
  });

  it('stops what the server says is lost, and reports nothing of it', async () => {
    const { server, connect, assignSlow, running } = await setup();
    const first = await connect();
    await assignSlow(first);
    first.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    const second = await server.nextSession();
    second.welcomeWith(LeaseVerdict.LOST);
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    expect((await second.next('grant')).grantedTotal).toBeLessThanOrEqual(3n);
    await settle(second);
    expect(second.count('results')).toBe(0);
  });

  it('stops what the server says is to be cancelled, and reports it', async () => {
    const { server, connect, assignSlow } = await setup();
    const first = await connect();
    await assignSlow(first);
    first.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    const second = await server.nextSession();
    second.welcomeWith(LeaseVerdict.CANCEL);
    expect((await second.nextResult()).result?.outcome).toBe(Outcome.CANCELLED);
  });

  it('comes back to a coordinator that was away', async () => {
    const { server, connect, messages } = await setup();
    await connect();
    server.crash();
    await until(() => messages.some(({ level }) => level === 'warn'));
    await server.listen();
    const second = await server.nextSession();
    second.welcome();
    expect((await second.next('grant')).grantedTotal).toBe(3n);
  });
});

describe('leases', () => {
  it('that need it are renewed together, again and again', async () => {
    const { connect, assignSlow } = await setup();
    const session = await connect({ ttlMs: 60_000, renewMs: 100 });
    const one = await assignSlow(session);
    const two = await assignSlow(session);
    for (let i = 0; i < 3; i++) {
      const renewed = (await session.next('renew')).claims.map(({ taskId }) => taskId);
      expect(renewed).toContain(one.taskId);
      if (i > 0) expect(renewed).toContain(two.taskId);
      session.send({
        case: 'leaseUpdates',
        value: {
          updates: [one, two].map((claim) => ({
            claim,
            verdict: LeaseVerdict.KEEP,
            remaining: { seconds: 60n },
          })),
        },
      });
    }
  });

  it('that the server takes away stop their handler', async () => {
    const { connect, assignSlow, running } = await setup();
    const session = await connect();
    const claim = await assignSlow(session);
    session.send({ case: 'leaseUpdates', value: { updates: [{ claim, verdict: LeaseVerdict.LOST }] } });
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    await settle(session);
    expect(session.count('results')).toBe(0);
  });

  it('that are not confirmed in time stop their handler before another may have the task', async () => {
    const { connect, assignSlow, running } = await setup();
    const session = await connect({ ttlMs: 600, renewMs: 150 });
    const assigned = performance.now();
    await assignSlow(session, { leaseTtl: { nanos: 600_000_000 } });
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    expect(performance.now() - assigned).toBeLessThan(600);
    expect(session.count('renew')).toBeGreaterThan(0);
    expect(session.count('results')).toBe(0);
  });

  it('of an epoch that another has passed do not count', async () => {
    const { connect, assignSlow, running } = await setup();
    const session = await connect();
    const { taskId } = await assignSlow(session);
    session.assign(assignment('slow', null, { taskId, epoch: 2n }));
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    await until(() => running.length === 2);
    running[1]?.finish('second');
    expect((await session.nextResult()).claim?.epoch).toBe(2n);
  });
});

describe('a server that asks the agent to move', () => {
  it('gets the next stream with what is held before the old one ends', async () => {
    const { server, connect, assignSlow, running } = await setup();
    const first = await connect();
    const claim = await assignSlow(first);
    first.send({ case: 'goAway', value: { reason: 'ROTATE', reconnectAfter: { nanos: 1_000_000 } } });
    const second = await server.nextSession();
    expect(second.hello.heldLeases).toMatchObject([{ claim }]);
    // What came on the old stream until then still counts, and is accepted on the new one.
    const late = assignment('slow');
    first.assign(late);
    await until(() => running.length === 2);
    first.send({ case: 'goAway', value: { reason: 'SESSION_SUPERSEDED' } });
    second.welcomeWith(LeaseVerdict.KEEP);
    await first.ended;
    running[0]?.finish('one');
    running[1]?.finish('two');
    const ended = new Set<string | undefined>();
    while (ended.size < 2) {
      for (const report of (await second.next('results')).results) ended.add(report.claim?.taskId);
    }
    expect(ended).toEqual(new Set([claim.taskId, late.claim.taskId]));
    expect(server.sessionsOpened).toBe(2);
  });

  it('is left at once when it has fallen silent', async () => {
    const { server, connect, messages } = await setup();
    const first = await connect({ pingMs: 50 });
    const second = await server.nextSession();
    await first.ended;
    second.welcome();
    await second.next('grant');
    expect(messages.map(({ message }) => message)).toContain('the coordinator has fallen silent');
  });
});

describe('a session that was ended for good', () => {
  it.each(['SESSION_SUPERSEDED', 'DEREGISTERED'])('by %s stops the agent with an error', async (reason) => {
    const { server, worker } = await setup();
    const failed = new Promise<ReeveError>((resolve) => worker.on('error', resolve));
    const ran = worker.run().catch((error) => error);
    const session = await server.nextSession();
    session.welcome();
    session.send({ case: 'goAway', value: { reason } });
    if (reason === 'DEREGISTERED') {
      await session.next('drain');
      session.send({ case: 'drainAck', value: {} });
    }
    session.end();
    expect((await failed).reason).toBe(reason);
    expect((await ran).reason).toBe(reason);
    expect(server.sessionsOpened).toBe(1);
  });

  it('stops what runs, because its result can not count any more', async () => {
    const { worker, connect, assignSlow, running } = await setup();
    const failed = new Promise<ReeveError>((resolve) => worker.on('error', resolve));
    const session = await connect();
    await assignSlow(session);
    session.fail(statusError(status.FAILED_PRECONDITION, 'SESSION_SUPERSEDED', 'another stream took over'));
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    expect((await failed).reason).toBe('SESSION_SUPERSEDED');
    await expect(worker.start()).rejects.toMatchObject({ reason: 'AGENT_STOPPED' });
  });

  it('before it began rejects the start', async () => {
    const { server, worker } = await setup();
    const started = worker.start().catch((error) => error);
    const session = await server.nextSession();
    const violations = [{ field: 'hello.agent.agent_id', description: 'is not a name' }];
    session.fail(statusError(status.INVALID_ARGUMENT, 'INVALID_FIELD', 'bad', { violations }));
    expect(await started).toMatchObject({ code: 'INVALID_ARGUMENT', violations });
  });
});

describe('an agent that stops', () => {
  it('takes nothing new, ends what runs, and waits until its result is recorded', async () => {
    const { worker, connect, assignSlow, running } = await setup();
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
    const { worker, connect, assignSlow, running } = await setup();
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
    const { worker, connect } = await setup();
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
    const { server, worker, messages } = await setup();
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
