import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { agent as specOf } from '../conformance/ready-index-world.js';
import { started, twoCoordinators } from './support/coordinators.js';
import { turns } from './support/work-probe.js';

describe('an agent that is connected elsewhere', () => {
  it('is seen with its processes, slots, credit and what it holds, within a second', async () => {
    const { a, b, pass, world } = await twoCoordinators();
    const stream = b.stream();
    const lease = await world.running();
    const { sessionId } = await stream.hello(lease.agentId, { slots: 5, held: [lease] });
    stream.send({ case: 'grant', value: { grantedTotal: 4n } });
    await pass(1_000);
    expect(a.agent(lease.agentId)).toMatchObject({ status: 'ACTIVE', slots: 5, inFlight: 1, credit: 4 });
    expect(a.agent(lease.agentId)).toEqual(b.agent(lease.agentId));
    expect(a.agent(lease.agentId)?.instances).toMatchObject([{ sessionId, slots: 5 }]);
    await stream.report(lease);
    await pass(1_000);
    expect(a.agent(lease.agentId)).toMatchObject({ inFlight: 0 });
    stream.closed();
    await pass(1_000);
    expect(a.agent(lease.agentId)).toMatchObject({ slots: 0, instances: [] });
  });

  it('is told of by watches, here as there', async () => {
    const { a, b, pass, org } = await twoCoordinators();
    const gone = new AbortController();
    const watch = a.link.agentWatchers.watch(org, () => true, gone.signal);
    expect((await watch.next()).value).toMatchObject({ changes: [], snapshotComplete: true });
    const next = watch.next();
    await b.stream().hello('x', { slots: 2 });
    await pass(1_000);
    expect((await next).value.changes).toMatchObject([{ agent: { entry: { spec: { agentId: 'x' } } } }]);
    expect((await watch.next()).value.changes).toMatchObject([{ agent: { slots: 2, status: 'ACTIVE' } }]);
    gone.abort();
    await watch.return(undefined);
  });

  it('drains and leaves: it is INACTIVE everywhere', async () => {
    const { a, b, pass } = await twoCoordinators();
    const stream = b.stream();
    await stream.hello('x');
    stream.send({ case: 'drain', value: {} });
    await pass(1_000);
    expect(a.agent('x')?.status).toBe('DRAINING');
    stream.closed();
    await pass(1_000);
    expect([a, b].map((each) => each.agent('x')?.status)).toEqual(['INACTIVE', 'INACTIVE']);
  });

  it('is one process when it moves, and two where it asks call by call at both', async () => {
    const { a, b, pass, clock, org } = await twoCoordinators();
    const instanceKey = randomUUID();
    await b.stream().hello('mover', { instanceKey });
    await pass(1_000);
    b.relay.cutOff(true);
    clock.advance(1);
    const { sessionId } = await a.stream().hello('mover', { instanceKey });
    expect(a.agent('mover')).toMatchObject({ slots: 3, instances: [{ sessionId }] });
    b.relay.cutOff(false);

    await a.fleet.register(org, specOf('poller'));
    const polls = [a, b].map((each) => {
      const poller = each.link.own.poller(org, 'poller', instanceKey, 2);
      const over = new AbortController();
      const poll = { spec: specOf('poller'), maxTasks: 1, slots: 2, maxWaitMs: 5_000, requestId: null };
      return { over, asked: poller.poll({ ...poll, signal: over.signal }) };
    });
    await pass(1_000);
    expect(b.agent('poller')).toMatchObject({ slots: 2, credit: 2, instances: [{ instanceKey }] });
    for (const { over } of polls) over.abort();
    for (const { asked } of polls) expect(await asked).toEqual([]);
  });
});

describe('a coordinator', () => {
  it('that dies takes its processes out of the others’ views within 5 s', async () => {
    const { a, b, pass } = await twoCoordinators();
    await b.stream().hello('x');
    await pass(1_000);
    b.relay.cutOff(true);
    await pass(3_000);
    expect(a.agent('x')?.instances).toHaveLength(1);
    expect(a.coordinators).toEqual(['b there']);
    await pass(2_000);
    expect(a.agent('x')).toMatchObject({ instances: [], slots: 0, status: 'ACTIVE' });
    expect(a.coordinators).toEqual(['b there', 'b gone']);
  });

  it('that ends takes them out at once', async () => {
    const { a, b, pass } = await twoCoordinators();
    await b.stream().hello('x');
    await pass(1_000);
    b.link.stop();
    await turns();
    expect(a.agent('x')?.instances).toEqual([]);
  });

  it('that was silent and goes on is seen again with all it holds, and sees what it missed', async () => {
    const { a, b, pass } = await twoCoordinators();
    await b.stream().hello('x');
    await pass(1_000);
    b.relay.cutOff(true);
    await a.stream().hello('y');
    await b.stream().hello('z');
    await pass(20_000);
    expect(a.agent('x')?.instances).toEqual([]);
    b.relay.cutOff(false);
    await pass(2_000);
    expect(a.agent('x')?.instances).toHaveLength(1);
    expect(b.agent('y')?.instances).toHaveLength(1);
    expect(a.agent('z')?.instances).toHaveLength(1);
  });

  it('that comes later is given the whole picture, however large', async () => {
    const { a, pass, open } = await twoCoordinators();
    const streams = Array.from({ length: 1_203 }, () => a.stream());
    await Promise.all(streams.map((stream, i) => stream.hello(`x${i % 7}`)));
    await pass(2_000);
    const c = open('c');
    await started(c);
    await pass(1_000);
    const count = Array.from({ length: 7 }, (_, i) => c.agent(`x${i}`)?.instances.length ?? 0);
    expect(count.reduce((sum, n) => sum + n)).toBe(1_203);
    streams[0]?.closed();
    await pass(1_000);
    expect(c.agent('x0')?.instances).toHaveLength((count[0] ?? 0) - 1);
  });
});

it('while nobody can be heard all shows as it was known, and nobody becomes stale by it', async () => {
  const { a, b, pass } = await twoCoordinators();
  const stream = b.stream();
  await stream.hello('x', { slots: 4 });
  await a.stream().hello('y');
  await pass(1_000);
  for (const each of [a, b]) each.relay.cutOff(true);
  await pass(200_000);
  const seen = a.agent('x');
  expect(seen).toMatchObject({ status: 'ACTIVE', slots: 4 });
  expect(seen?.healthScore).toBe(1);
  // What it hears itself it judges itself.
  expect(a.agent('y')?.status).toBe('STALE');
  for (const each of [a, b]) each.relay.cutOff(false);
  stream.send({ case: 'pong', value: { nonce: 1n } });
  await pass(2_000);
  expect(a.agent('x')).toMatchObject({ status: 'ACTIVE', slots: 4 });
});

describe('what is done to an agent', () => {
  it('is known elsewhere at once: registration, change, intent, end', async () => {
    const { a, b, org } = await twoCoordinators();
    await a.fleet.register(org, specOf('x'));
    await turns();
    expect(b.agent('x')).toMatchObject({ entry: { spec: { tags: [] } } });
    await a.fleet.register(org, specOf('x', { tags: ['new'] }));
    await turns();
    expect(b.agent('x')?.entry.spec.tags).toEqual(['new']);
    await b.fleet.setIntent(org, 'x', 'DRAINING', 'bob');
    await turns();
    expect(a.agent('x')?.status).toBe('DRAINING');
    await b.fleet.deregister(org, 'x', 'bob', 'old');
    await turns();
    expect(a.agent('x')?.entry.deregisterTime).not.toBeNull();
    expect(a.fleet.heartbeat(org, 'x', null)).toBe(false);
  });

  it('is found in the record by whoever asks for it, told or not', async () => {
    const { a, b, org } = await twoCoordinators();
    a.relay.cutOff(true);
    await a.fleet.register(org, specOf('x'));
    await turns();
    expect(b.agent('x')).toBeNull();
    expect(await b.fleet.find('another', 'x')).toBeNull();
    expect(await b.fleet.find(org, 'x')).toMatchObject({ entry: { spec: { agentId: 'x' } } });
    await a.fleet.setIntent(org, 'x', 'INACTIVE', 'bob');
    await b.fleet.load();
    expect(b.agent('x')?.status).toBe('INACTIVE');
  });

  it('is known once messages come through again, on either side', async () => {
    const { a, b, org, pass } = await twoCoordinators();
    await a.fleet.register(org, specOf('x'));
    await pass(1_000);
    b.relay.cutOff(true);
    await b.fleet.register(org, specOf('x', { tags: ['new'] }));
    await a.fleet.register(org, specOf('y'));
    await pass(2_000);
    expect([a.agent('x')?.entry.spec.tags, b.agent('y')]).toEqual([[], null]);
    b.relay.cutOff(false);
    await pass(1_500);
    expect([a.agent('x')?.entry.spec.tags, b.agent('y')?.status]).toEqual([['new'], 'ACTIVE']);
  });

  it('is known by what the index has of it while messages do not come through', async () => {
    const { a, b, org, pass } = await twoCoordinators();
    await a.fleet.register(org, specOf('x'));
    await pass(1_000);
    b.relay.cutOff(true);
    await b.fleet.setIntent(org, 'x', 'DRAINING', 'bob');
    await turns();
    expect(a.agent('x')?.status).toBe('DRAINING');
  });

  it('here is not undone by an older reading of the record', async () => {
    const { a, agents, org } = await twoCoordinators();
    await a.fleet.register(org, specOf('x'));
    const page = await agents.listAgents(null, 10);
    let read = () => {};
    const held = new Promise<void>((resolve) => {
      read = resolve;
    });
    agents.listAgents = async () => {
      await held;
      return page;
    };
    const loading = a.fleet.load();
    await a.fleet.setIntent(org, 'x', 'INACTIVE', 'bob');
    read();
    await loading;
    expect(a.agent('x')?.status).toBe('INACTIVE');
  });
});

it('progress is shown everywhere, newest first, and goes with its attempt', async () => {
  const { a, b, org, world, pass } = await twoCoordinators();
  const lease = await world.running();
  const stream = b.stream();
  await stream.hello(lease.agentId, { held: [lease] });
  const claim = { taskId: lease.taskId, epoch: BigInt(lease.epoch) };
  const say = (fraction: number, text: string) =>
    stream.send({ case: 'progress', value: { reports: [{ claim, progress: { fraction, text } }] } });
  say(0.25, 'reading');
  await pass(1_000);
  const { progress } = a.work;
  expect(progress.get(lease.taskId)).toMatchObject({ fraction: 0.25, text: 'reading' });
  expect(a.progressed).toEqual([lease.taskId]);
  say(0.5, 'writing');
  say(0.6, 'writing more');
  await pass(1_000);
  expect(progress.get(lease.taskId)).toMatchObject({ fraction: 0.5, text: 'writing' });
  expect(a.progressed).toHaveLength(2);
  progress.set(lease.taskId, 0.75, 'through another coordinator');
  a.work.onProgress(org, [lease.taskId]);
  await pass(1_000);
  expect(b.work.progress.get(lease.taskId)).toMatchObject({ fraction: 0.75 });
  await stream.report(lease);
  await pass(1_000);
  for (const each of [a, b]) expect(each.work.progress.get(lease.taskId)).toBeNull();
});
