import { randomUUID } from 'node:crypto';
import { LeaseVerdict, ResultVerdict } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import type { Lease } from '../../src/domain/tasks/lease.js';
import { cancelTasks } from '../../src/usecases/cancel-tasks.js';
import { createCoordinators, type TestCoordinator } from './support/coordinators.js';
import { claimOf, turns } from './support/work-probe.js';

/** Two coordinators, and an agent at the second that holds a running task. */
async function setup() {
  const all = createCoordinators();
  const [a, b] = [all.open('a'), all.open('b')];
  const lease = await all.world.running();
  const instanceKey = randomUUID();
  const stream = b.stream();
  const welcome = await stream.hello(lease.agentId, { instanceKey, held: [lease] });
  expect(welcome.verdicts).toMatchObject([{ verdict: LeaseVerdict.KEEP }]);
  const cancel = (at: TestCoordinator, { taskId }: Lease) =>
    cancelTasks(at.ports)({ org: all.org, subject: 'bob', roles: [] }, [
      { taskId, reason: 'enough', graceMs: null },
    ]);
  return { ...all, a, b, lease, instanceKey, stream, cancel };
}

describe('a lease that another coordinator holds', () => {
  it('is cancelled, and its agent is told at once', async () => {
    const { a, lease, stream, cancel } = await setup();
    await cancel(a, lease);
    await turns();
    expect(stream.took('cancels')).toMatchObject([
      { cancels: [{ claim: claimOf(lease), reason: 'enough' }] },
    ]);
  });

  it('is cancelled where nobody was told: its next renewal says so', async () => {
    const { a, lease, stream, cancel } = await setup();
    a.relay.cutOff(true);
    await cancel(a, lease);
    await turns();
    expect(stream.took('cancels')).toEqual([]);
    expect(await stream.renew(lease)).toEqual([LeaseVerdict.CANCEL]);
  });

  it('is revoked, and forgotten there', async () => {
    const { a, b, lease, stream, org } = await setup();
    const { agentId, taskId, epoch } = lease;
    a.ports.sessions.revoke([{ org, agentId, taskId, epoch: epoch + 1 }]);
    await turns();
    expect(b.link.own.holds(lease)).toBe(true);
    a.ports.sessions.revoke([lease]);
    await turns();
    expect(b.link.own.holds(lease)).toBe(false);
    const [{ updates } = { updates: [] }] = stream.took('leaseUpdates');
    expect(updates).toMatchObject([{ verdict: LeaseVerdict.LOST }]);
  });

  it('is forgotten there when a call elsewhere has ended it', async () => {
    const { a, b, lease } = await setup();
    await a.link.sessions.forget([lease]);
    await turns();
    expect(b.link.own.holds(lease)).toBe(false);
  });

  it('is forgotten within its length if nobody told of its end, and its slot is free', async () => {
    const { a, b, lease, world, inFlight } = await setup();
    a.relay.cutOff(true);
    const kept = await world.running();
    await b.stream().hello(kept.agentId, { held: [kept] });
    await world.settle(lease);
    expect(await inFlight()).toBe(2);
    await b.link.own.checkLeases();
    expect([b.link.own.holds(lease), b.link.own.holds(kept)]).toEqual([false, true]);
    expect(await inFlight()).toBe(1);
  });
});

it('a cancel that overtakes its assignment is sent after it, wherever it was asked for', async () => {
  const { a, b, cancel, world, org, instanceKey, clock } = await setup();
  const lease = await world.claim(await world.submit());
  const late = await world.claim(await world.submit());
  await cancel(a, lease);
  await cancel(a, late);
  await turns();
  const stream = b.stream();
  const { sessionId } = await stream.hello(lease.agentId, { instanceKey });
  stream.send({ case: 'grant', value: { grantedTotal: 2n } });
  const body = new Uint8Array();
  expect(b.ports.sessions.deliver([{ sessionId, lease, body, createTime: 1 }])).toEqual([]);
  expect(stream.took('cancels')).toMatchObject([{ cancels: [{ claim: claimOf(lease) }] }]);
  // Nothing is on its way for so long: such a cancel is not kept.
  clock.advance(20_000);
  await cancel(a, await world.claim(await world.submit()));
  await turns();
  b.ports.sessions.deliver([{ sessionId, lease: late, body, createTime: 1 }]);
  expect(stream.took('cancels')).toEqual([]);
  expect(org).toBe(lease.org);
});

it('an agent that is deregistered is sent away wherever it is connected', async () => {
  const { a, lease, stream, org } = await setup();
  await a.fleet.load();
  expect(await a.fleet.deregister(org, lease.agentId, 'bob', 'old')).not.toBeNull();
  a.ports.sessions.goAway(org, lease.agentId, 'DEREGISTERED');
  await turns();
  expect(stream.took('goAway')).toMatchObject([{ reason: 'DEREGISTERED' }]);
});

describe('a process that greets another coordinator', () => {
  it('takes its leases along; its older stream ends and takes nothing more', async () => {
    const { a, b, lease, instanceKey, stream, inFlight, clock } = await setup();
    clock.advance(10);
    const newer = a.stream();
    const welcome = await newer.hello(lease.agentId, { instanceKey, held: [lease] });
    expect(welcome.verdicts).toMatchObject([{ verdict: LeaseVerdict.KEEP }]);
    expect(stream.took('goAway')).toMatchObject([{ reason: 'SESSION_SUPERSEDED' }]);
    expect(stream.over).toBe('ENDED');
    expect([a.link.own.holds(lease), b.link.own.holds(lease)]).toEqual([true, false]);
    expect(await inFlight()).toBe(1);
    expect(await newer.report(lease)).toEqual([ResultVerdict.RECORDED]);
    expect(await inFlight()).toBe(0);
  });

  it('ends nothing that is newer, of another process, or of another agent', async () => {
    const { a, b, lease, instanceKey, clock } = await setup();
    clock.advance(10);
    await a.stream().hello(lease.agentId);
    await a.stream().hello('somebody-else', { instanceKey });
    expect(b.link.own.size).toBe(1);
    // The word of a stream that was opened before this one comes late.
    const { org, agentId } = lease;
    const connectTime = clock.now() - 20;
    a.relay.send('greeted', { org, agentId, instanceKey, connectTime, ageMs: 20 });
    await turns();
    expect(b.link.own.size).toBe(1);
    // It was long on its way.
    a.relay.send('greeted', { org, agentId, instanceKey, connectTime, ageMs: 0 });
    await turns();
    expect(b.link.own.size).toBe(1);
    // A clock that is ahead makes it no newer.
    a.relay.send('greeted', { org, agentId, instanceKey, connectTime: clock.now() + 99, ageMs: 20 });
    await turns();
    expect(b.link.own.size).toBe(1);
    a.relay.send('greeted', { org, agentId, instanceKey, connectTime: clock.now(), ageMs: 5 });
    await turns();
    expect(b.link.own.size).toBe(0);
  });

  it('keeps what came on the older stream after its hello', async () => {
    const { a, lease, instanceKey, world, inFlight, record } = await setup();
    const newer = a.stream();
    await newer.hello(lease.agentId, { instanceKey });
    const late = await world.claim(await world.submit(), lease.agentId);
    newer.send({ case: 'accept', value: { claims: [claimOf(late)] } });
    await turns();
    expect(newer.took('leaseUpdates')).toEqual([]);
    expect((await record.getTaskStates(late.org, [late.taskId]))[0]).toBe('RUNNING');
    expect(await newer.renew(lease)).toEqual([LeaseVerdict.KEEP]);
    expect(await inFlight()).toBe(2);
    // What is another agent's stays that one's.
    const foreign = await world.claim(await world.submit(), 'somebody-else');
    expect(await newer.renew(foreign)).toEqual([LeaseVerdict.LOST]);
  });

  it('has one result, one slot and no lost lease while its older stream goes on unknown to anybody', async () => {
    const { a, b, lease, instanceKey, stream, inFlight, world } = await setup();
    b.relay.cutOff(true);
    const newer = a.stream();
    await newer.hello(lease.agentId, { instanceKey, held: [lease] });
    expect(stream.over).toBeNull();
    expect(await inFlight()).toBe(1);
    // Both are the same agent with the same claim: either may renew it, the first result counts.
    expect(await stream.renew(lease)).toEqual([LeaseVerdict.KEEP]);
    expect(await newer.renew(lease)).toEqual([LeaseVerdict.KEEP]);
    const resultId = randomUUID();
    expect(await stream.report(lease, resultId)).toEqual([ResultVerdict.RECORDED]);
    expect(await newer.report(lease, resultId)).toEqual([ResultVerdict.ALREADY_RECORDED]);
    expect(await newer.report(lease)).toEqual([ResultVerdict.CONFLICT]);
    expect(await inFlight()).toBe(0);
    expect([a.link.own.holds(lease), b.link.own.holds(lease)]).toEqual([false, false]);
    expect((await world.get(lease.taskId)).state).toBe('SUCCEEDED');
  });
});
