import { describe, expect, test } from 'vitest';
import { createOutageWorld, SOON } from '../support/servers/outage-world.js';

const it = createOutageWorld();
const { submit, stateOf, eventsOf, renew, report, verdictOf, acked } = it;

describe('a commit that is not answered', () => {
  test('of a claim: nothing is sent before it is claimed again', async () => {
    const agent = await it.world.agent('claimer');
    const lost = it.proxy.loseReplyTo('claim-tasks');
    const taskId = await submit('claimer');
    const assignment = agent.take();
    await lost;
    expect((await assignment).claim).toMatchObject({ taskId, epoch: 2n });
    agent.accept(await assignment);
    expect(await verdictOf(agent, await assignment)).toBe('RECORDED');
    expect(await eventsOf(taskId)).toEqual(
      expect.arrayContaining(['SUBMITTED', 'CLAIMED', 'RETURNED', 'CLAIMED', 'SUCCEEDED']),
    );
  });

  test('of a submission: its repeat finds the task', async () => {
    const lost = it.proxy.loseReplyTo('submit-tasks');
    // The client repeats it under its request id.
    const taskId = await submit('nobody');
    await lost;
    const found: string[] = [];
    for await (const task of it.world.client.list({ kinds: ['nobody'] })) found.push(task.taskId);
    expect(found).toEqual([taskId]);
    // It waits in its lane, though nobody told the index.
    const agent = await it.world.agent('nobody');
    expect((await agent.take()).claim.taskId).toBe(taskId);
  });

  test('of a submission with a claim: it is claimed again', async () => {
    const agent = await it.world.agent('born');
    agent.grant(1);
    await expect.poll(async () => (await it.world.ports.index.stats()).instances, SOON).toBe(1);
    const lost = it.proxy.loseReplyTo('submit-tasks');
    const taskId = await submit('born');
    await lost;
    agent.grant(2);
    expect((await agent.assignments(1))[0]?.claim).toMatchObject({ taskId, epoch: 2n });
  });

  test.each(['accept-tasks', 'settle-tasks', 'return-tasks', 'renew-leases'])(
    'of %s: it is done once',
    async (statement) => {
      const kind = `once-${statement}`;
      const agent = await it.world.agent(kind);
      const taskId = await submit(kind);
      const assignment = await agent.take();
      const waiter = it.world.client.wait(taskId);
      const lost = it.proxy.loseReplyTo(statement);
      if (statement === 'return-tasks') {
        agent.send({ case: 'decline', value: { claims: [assignment.claim], reason: 'no' } });
        await lost;
        const again = await agent.take();
        expect(again.claim).toMatchObject({ taskId, epoch: 2n });
        agent.accept(again);
        report(agent, again);
      } else {
        agent.accept(assignment);
        if (statement === 'accept-tasks') await lost;
        if (statement === 'renew-leases') expect(await renew(agent, assignment.claim)).toBe('KEEP');
        report(agent, assignment);
      }
      await lost;
      expect(await acked(agent)).toBe(statement === 'settle-tasks' ? 'ALREADY_RECORDED' : 'RECORDED');
      const events = await eventsOf(taskId);
      expect(events.filter((type) => type === 'ACCEPTED')).toHaveLength(1);
      expect(events.filter((type) => type === 'SUCCEEDED')).toHaveLength(1);
      // Who waits for its end is told, and its slot is free again.
      await waiter;
      await expect.poll(async () => (await it.world.ports.index.stats()).inFlight, SOON).toBe(0);
    },
  );

  test('of a cancellation: its repeat changes nothing, and the agent is told', async () => {
    const agent = await it.world.agent('obeys');
    const taskId = await submit('obeys');
    const assignment = await agent.take();
    agent.accept(assignment);
    await expect.poll(() => stateOf(taskId), SOON).toBe('RUNNING');
    const lost = it.proxy.loseReplyTo('cancel-tasks');
    await it.world.client.cancel(taskId, { reason: 'enough' });
    await lost;
    expect(await renew(agent, assignment.claim)).toBe('CANCEL');
    expect((await eventsOf(taskId)).filter((type) => type === 'CANCEL_REQUESTED')).toHaveLength(1);
  });

  test('of what ends leases and what promotes: the next round goes on', async () => {
    const agent = await it.world.agent('dies');
    const lost = [it.proxy.loseReplyTo('expire-leases'), it.proxy.loseReplyTo('promote-tasks')];
    const taskId = await submit('dies');
    const assignment = await agent.take();
    agent.accept(assignment);
    await Promise.all(lost);
    expect((await agent.take()).claim).toMatchObject({ taskId, epoch: 2n });
    expect((await eventsOf(taskId)).filter((type) => type === 'LEASE_EXPIRED')).toHaveLength(1);
  });
});
