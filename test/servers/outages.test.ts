import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { agent as createAgent } from '@reeve/sdk';
import { CoordinatorService, LeaseVerdict } from '@reeve/sdk/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, detailsOf } from '../api/support/grpc-client.js';
import { RawAgent } from '../support/raw-agent.js';
import { createOutageWorld, LEASE_MS, SOON, sleep } from '../support/servers/outage-world.js';
import { ASSIGNED_MS } from '../support/servers/record-world.js';
import { unaryAgent } from '../support/unary-agent.js';

const it = createOutageWorld();
const { submit, stateOf, eventsOf, running, renew, report, verdictOf, acked, back } = it;

/** The record is away until the function that is returned has brought it back. */
const OUTAGES: Record<string, () => Promise<() => Promise<void>>> = {
  'that stops at once': async () => {
    await it.server.crash();
    return () => it.server.restart();
  },
  'whose connections are cut': async () => {
    it.proxy.set('cut');
    return async () => it.proxy.set('pass');
  },
  'that hangs': async () => {
    it.proxy.set('hold');
    return async () => it.proxy.set('pass');
  },
  'whose replies are lost': async () => {
    it.proxy.set('lose replies');
    return async () => {
      it.proxy.set('pass');
      it.proxy.cutAll();
    };
  },
};

describe.each(Object.keys(OUTAGES))('a record %s', (name) => {
  test('is UNAVAILABLE in time, and all goes on by itself when it is back', async () => {
    const kind = 'worker';
    let runs = 0;
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const agent = createAgent({ address: it.world.address, agentId: kind, slots: 4, log: quiet });
    agent.handle(kind, async () => {
      runs += 1;
      await sleep(20);
      return { ok: true };
    });
    await agent.start();
    const submitted: Promise<string>[] = [];
    let goesOn = false;
    onTestFinished(() => {
      goesOn = true;
    });
    const load = (async () => {
      // However long it takes until work goes on, there is some left to do.
      for (let i = 0; i < 150 || !goesOn; i++) {
        submitted.push(submit(kind));
        await sleep(i < 150 ? 15 : 150);
      }
    })();
    await expect.poll(() => runs, SOON).toBeGreaterThan(5);

    const end = await OUTAGES[name]?.();
    const caller = connect(it.world.address);
    onTestFinished(() => caller.client.close());
    const refused: unknown = await caller
      .call(CoordinatorService.method.submitTask, { task: { kind: 'other' }, requestId: randomUUID() })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: status.UNAVAILABLE });
    expect(detailsOf(refused).retry?.retryDelay).toBeDefined();
    // It is away for a while; nobody is to do anything.
    await sleep(500);
    await end?.();
    const before = runs;
    await expect.poll(() => runs, SOON).toBeGreaterThan(before + 5);
    goesOn = true;
    await load;
    const check = async (taskId: string) => {
      await expect.poll(() => stateOf(taskId), SOON).toBe('SUCCEEDED');
      // Nothing is lost, and nothing is recorded twice.
      expect((await eventsOf(taskId)).filter((type) => type === 'SUCCEEDED')).toHaveLength(1);
    };
    await Promise.all((await Promise.all(submitted)).map(check));
    await agent.stop();
  }, 120_000);
});

describe('while the record is away', () => {
  test('leases are kept, and prolonged when it is back, though they are over by its clock', async () => {
    const { agent, taskId, assignment, claim } = await running('keeper');
    const silent = await running('silent');
    it.proxy.set('cut');
    for (const end = Date.now() + 2 * LEASE_MS; Date.now() < end; await sleep(LEASE_MS / 4))
      expect(await renew(agent, claim)).toBe('KEEP');
    it.proxy.set('pass');
    await back();
    const backAt = it.world.logged.findLast(({ message }) => message === 'the record is back')?.at;
    expect(await stateOf(silent.taskId)).toBe('RUNNING');
    expect(await renew(agent, claim)).toBe('KEEP');
    // Who says nothing loses its lease after two intervals of renewal, not before.
    await silent.agent.next('leaseUpdates');
    expect(performance.now() - (backAt ?? Number.NaN)).toBeGreaterThanOrEqual(LEASE_MS / 2);
    expect(await renew(agent, claim)).toBe('KEEP');
    expect(await verdictOf(agent, assignment)).toBe('RECORDED');
    expect(await it.world.client.get(taskId)).toMatchObject({ state: 'SUCCEEDED', epoch: 1 });
    expect(await eventsOf(silent.taskId)).toContain('LEASE_EXPIRED');
  });

  test('leases are kept if it hangs', async () => {
    const { agent, claim } = await running('patient');
    it.proxy.set('hold');
    expect(await renew(agent, claim)).toBe('KEEP');
    expect(await renew(agent, claim)).toBe('KEEP');
  });

  test('who connects again when it is back has its leases still', async () => {
    const { agent, claim, assignment } = await running('mover');
    it.proxy.set('cut');
    agent.close();
    await sleep(1.2 * LEASE_MS);
    it.proxy.set('pass');
    await back();
    const again = new RawAgent(it.world.address);
    onTestFinished(() => again.close());
    const { verdicts } = await again.hello('mover', { capabilities: ['mover'], held: [claim] });
    expect(verdicts.map(({ verdict }) => LeaseVerdict[verdict])).toEqual(['KEEP']);
    expect(await verdictOf(again, assignment)).toBe('RECORDED');
  });

  test('what agents say is said once, and done when it is back', async () => {
    const worker = await running('worker');
    const early = await it.world.agent('early');
    const earlyTask = await submit('early');
    const assigned = await early.take();
    const unwilling = await it.world.agent('unwilling');
    const declined = await submit('unwilling');
    const unwanted = await unwilling.take();
    it.proxy.set('cut');
    early.accept(assigned);
    unwilling.send({ case: 'decline', value: { claims: [unwanted.claim], reason: 'no' } });
    report(worker.agent, worker.assignment);
    await sleep(1.25 * ASSIGNED_MS);
    expect(worker.agent.has('resultAcks')).toBe(false);
    it.proxy.set('pass');
    expect(await acked(worker.agent)).toBe('RECORDED');
    await expect.poll(() => eventsOf(declined), SOON).toEqual(['SUBMITTED', 'CLAIMED', 'RETURNED']);
    await expect.poll(() => eventsOf(earlyTask), SOON).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED']);
    expect(await verdictOf(early, assigned)).toBe('RECORDED');
  });

  test('calls of agents without a stream are UNAVAILABLE and may be repeated; their leases are kept', async () => {
    const agent = unaryAgent(it.world.address, 'caller');
    onTestFinished(() => agent.client.client.close());
    await agent.register(['caller']);
    const taskId = await submit('caller');
    const [lease] = await agent.lease();
    await agent.accept(lease?.claim);
    it.proxy.set('cut');
    expect(await agent.renew(lease?.claim)).toEqual(['KEEP']);
    await expect(agent.renew({ taskId, epoch: 2n })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const resultId = randomUUID();
    await expect(agent.report(lease?.claim, resultId)).rejects.toMatchObject({ code: status.UNAVAILABLE });
    it.proxy.set('pass');
    await back();
    expect(await agent.report(lease?.claim, resultId)).toEqual(['RECORDED']);
    expect(await agent.report(lease?.claim, resultId)).toEqual(['ALREADY_RECORDED']);
  });

  test('leases are kept no longer than the grace', async () => {
    const outageGraceMs = 3_000;
    await it.reopen({ outageGraceMs });
    const { agent, claim } = await running('forsaken');
    it.proxy.set('cut');
    expect(await renew(agent, claim)).toBe('KEEP');
    await expect.poll(() => it.world.ports.outages.awayMs(), SOON).toBeGreaterThan(outageGraceMs);
    agent.send({ case: 'renew', value: { claims: [claim] } });
    const said = () => it.world.logged.some(({ message }) => message.includes('could not be carried out'));
    await expect.poll(said, SOON).toBe(true);
    expect(agent.has('leaseUpdates')).toBe(false);
  });

  test('a full disk is RESOURCE_EXHAUSTED, and results wait for room', async () => {
    const { agent, assignment, claim, taskId } = await running('full');
    await it.world.db.exec(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
      END $$;
      CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON task EXECUTE FUNCTION full_disk();`);
    const caller = connect(it.world.address);
    onTestFinished(() => caller.client.close());
    const refused: unknown = await caller
      .call(CoordinatorService.method.submitTask, { task: { kind: 'other' }, requestId: randomUUID() })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(detailsOf(refused).retry?.retryDelay).toBeDefined();
    report(agent, assignment);
    expect(await renew(agent, claim)).toBe('KEEP');
    expect(await stateOf(taskId)).toBe('RUNNING');
    await it.world.db.exec('DROP TRIGGER full_disk ON task');
    expect(await acked(agent)).toBe('RECORDED');
  });
});
