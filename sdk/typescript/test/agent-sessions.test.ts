import { status } from '@grpc/grpc-js';
import type { ReeveError } from '@reeve/sdk';
import { LeaseVerdict, Outcome } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { settle, setupSlow, until } from './support/agent-world.js';
import { statusError } from './support/fake-coordinator.js';
import { assignment } from './support/work-probe.js';

describe('an agent whose stream breaks', () => {
  it('says what it holds, and the handler goes on', async () => {
    const { server, connect, assignSlow, running } = await setupSlow();
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
    const { server, connect, assignSlow, running } = await setupSlow();
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
    const { server, connect, assignSlow, running } = await setupSlow();
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
    const { server, connect, assignSlow, running } = await setupSlow();
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
    const { server, connect, assignSlow } = await setupSlow();
    const first = await connect();
    await assignSlow(first);
    first.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    const second = await server.nextSession();
    second.welcomeWith(LeaseVerdict.CANCEL);
    expect((await second.nextResult()).result?.outcome).toBe(Outcome.CANCELLED);
  });

  it('comes back to a coordinator that was away', async () => {
    const { server, connect, messages } = await setupSlow();
    await connect();
    server.crash();
    await until(() => messages.some(({ level }) => level === 'warn'));
    await server.listen();
    const second = await server.nextSession();
    second.welcome();
    expect((await second.next('grant')).grantedTotal).toBe(3n);
  });
});

describe('a server that asks the agent to move', () => {
  it('gets the next stream with what is held before the old one ends', async () => {
    const { server, connect, assignSlow, running } = await setupSlow();
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
    expect((await second.next('accept')).claims).toMatchObject([late.claim]);
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

  it('and has taken over from a stream whose successor was lost, is asked again', async () => {
    const { server, connect, assignSlow, running } = await setupSlow();
    const first = await connect();
    const claim = await assignSlow(first);
    first.send({ case: 'goAway', value: { reason: 'ROTATE', reconnectAfter: { nanos: 1_000_000 } } });
    const second = await server.nextSession();
    second.fail(statusError(status.UNAVAILABLE, 'DRAINING', 'going'));
    await second.ended;
    const third = server.nextSession();
    await settle(first);
    first.send({ case: 'goAway', value: { reason: 'SESSION_SUPERSEDED' } });
    first.end();
    expect((await third).hello.heldLeases).toMatchObject([{ claim }]);
    (await third).welcomeWith(LeaseVerdict.KEEP);
    running[0]?.finish('done');
    expect((await (await third).nextResult()).result?.outcome).toBe(Outcome.SUCCEEDED);
  });

  it('for a shutdown is no surprise: the log says why, and warns of nothing', async () => {
    const { server, connect, messages } = await setupSlow();
    const first = await connect();
    first.send({ case: 'goAway', value: { reason: 'SHUTDOWN', reconnectAfter: { nanos: 1_000_000 } } });
    first.end();
    const second = await server.nextSession();
    second.welcome();
    await second.next('grant');
    expect(messages).toContainEqual({
      level: 'info',
      message: 'the coordinator shuts down; connecting again',
      fields: expect.objectContaining({ reason: 'SHUTDOWN' }),
    });
    expect(messages.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('is left at once when it has fallen silent', async () => {
    const { server, connect, messages } = await setupSlow();
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
    const { server, worker } = await setupSlow();
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
    const { worker, connect, assignSlow, running } = await setupSlow();
    const failed = new Promise<ReeveError>((resolve) => worker.on('error', resolve));
    const session = await connect();
    await assignSlow(session);
    session.fail(statusError(status.FAILED_PRECONDITION, 'SESSION_SUPERSEDED', 'another stream took over'));
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    expect((await failed).reason).toBe('SESSION_SUPERSEDED');
    await expect(worker.start()).rejects.toMatchObject({ reason: 'AGENT_STOPPED' });
  });

  it('before it began rejects the start', async () => {
    const { server, worker } = await setupSlow();
    const started = worker.start().catch((error) => error);
    const session = await server.nextSession();
    const violations = [{ field: 'hello.agent.agent_id', description: 'is not a name' }];
    session.fail(statusError(status.INVALID_ARGUMENT, 'INVALID_FIELD', 'bad', { violations }));
    expect(await started).toMatchObject({ code: 'INVALID_ARGUMENT', violations });
  });
});
