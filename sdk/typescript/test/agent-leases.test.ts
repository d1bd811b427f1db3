import { LeaseVerdict } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { settle, setupSlow, until } from './support/agent-world.js';
import { assignment } from './support/work-probe.js';

describe('leases', () => {
  it('that need it are renewed together, again and again', async () => {
    const { connect, assignSlow } = await setupSlow();
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
    const { connect, assignSlow, running } = await setupSlow();
    const session = await connect();
    const claim = await assignSlow(session);
    session.send({ case: 'leaseUpdates', value: { updates: [{ claim, verdict: LeaseVerdict.LOST }] } });
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    await settle(session);
    expect(session.count('results')).toBe(0);
  });

  it('that are not confirmed in time stop their handler before another may have the task', async () => {
    const { connect, assignSlow, running } = await setupSlow();
    // Long enough that a busy machine is not mistaken for a late agent.
    const session = await connect({ ttlMs: 6_000, renewMs: 1_500 });
    // Of two timers of one process the one that is due first rings first, however late both are.
    const next = new Promise((resolve) => setTimeout(resolve, 6_000, 'another may have it'));
    await assignSlow(session, { leaseTtl: { seconds: 6n } });
    const stopped = running[0]?.aborted.then(({ reason }) => reason);
    expect(await Promise.race([stopped, next])).toBe('LEASE_LOST');
    expect(session.count('renew')).toBeGreaterThan(0);
    expect(session.count('results')).toBe(0);
  });

  it('of an epoch that another has passed do not count', async () => {
    const { connect, assignSlow, running } = await setupSlow();
    const session = await connect();
    const { taskId } = await assignSlow(session);
    session.assign(assignment('slow', null, { taskId, epoch: 2n }));
    expect((await running[0]?.aborted)?.reason).toBe('LEASE_LOST');
    await until(() => running.length === 2);
    running[1]?.finish('second');
    expect((await session.nextResult()).claim?.epoch).toBe(2n);
  });
});
