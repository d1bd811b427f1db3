import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../src/domain/errors.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

describe('two coordinators on one Redis', () => {
  let clock: FakeClock;
  let view: RedisClient;
  let a: RedisIndex;
  let b: RedisIndex;

  beforeEach(() => {
    clock = new FakeClock();
    view = freshView(redis.client);
    [a, b] = [redisIndexOn(view, clock, 'a'), redisIndexOn(view, clock, 'b')];
  });
  afterEach(async () => {
    await Promise.all([a.stop(), b.stop()]);
  });

  async function connect(index: RedisIndex, agentId: string, credit = 10, slots = 10) {
    await index.putInstance({ org: ORG, sessionId: agentId, spec: agent(agentId), slots, held: [] });
    await index.grant(agentId, credit);
  }
  const ids = (reservations: readonly Reservation[]) => reservations.map((r) => r.taskId);
  /** What there is for sessions of an index, whoever has popped it. */
  async function taken(index: RedisIndex, max = 1_000) {
    await index.stats();
    return index.reserve(max);
  }
  let made = 0;
  const fresh = () => task(`n${String(++made).padStart(6, '0')}`);

  it('whoever pops, the coordinator that holds the stream gets the reservation', async () => {
    await connect(b, 'agent-of-b');
    await b.start();
    const woken = new Promise<void>((resolve) => b.onReady(resolve));
    await a.add([task('t1')]);
    expect(await a.reserve(10)).toEqual([]);
    await woken;
    const reserved = await b.reserve(10);
    const selection = { strategy: 'LEAST_CONNECTIONS', cost: 0, free: 1 };
    expect(reserved).toMatchObject([{ taskId: 't1', sessionId: 'agent-of-b', selection }]);
    await b.confirm(confirmed(reserved));
    expect(await a.stats()).toMatchObject({ inFlight: 1, reserved: 0, queued: 0, instances: 1 });
    await a.freeSlots(claims(reserved));
    expect(await b.stats()).toMatchObject({ inFlight: 0 });
  });

  it('a new task is born assigned only to an agent of its own coordinator', async () => {
    await connect(b, 'agent-of-b');
    expect(await a.reserveNew([fresh()])).toEqual([null]);
    expect(await b.reserveNew([fresh()])).toMatchObject([{ agentId: 'agent-of-b' }]);
  });

  it('a new task does not go before one that another coordinator has just put there', async () => {
    await connect(a, 'agent-of-a', 1);
    await a.stats();
    // Of this `a` has not heard, and it has nothing to write that would tell it.
    const [older, newer] = [fresh(), fresh()];
    await b.add([older]);
    expect(await a.reserveNew([newer])).toEqual([null]);
    expect(ids(await taken(a))).toEqual([older.taskId]);
  });

  it('an agent that another coordinator has kept back gets no new task', async () => {
    await connect(a, 'agent-of-a');
    await a.stats();
    await b.setEligibility(ORG, 'agent-of-a', 1, 'DRAINING');
    expect(await a.reserveNew([fresh()])).toEqual([null]);
    await b.setEligibility(ORG, 'agent-of-a', 1, 'ACTIVE');
    expect(await a.reserveNew([fresh()])).toMatchObject([{ sessionId: 'agent-of-a' }]);
  });

  it('both at once give each task out once, and no more than there is credit', async () => {
    await connect(a, 'x', 300, 300);
    await connect(b, 'y', 400, 400);
    const tasks = Array.from({ length: 1_000 }, fresh);
    await a.add(tasks);
    const out: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      const both = await Promise.all([a.reserve(50), b.reserve(50)]);
      out.push(...both.flatMap(ids));
    }
    for (const index of [a, b, a, b]) out.push(...ids(await taken(index)));
    expect(new Set(out).size).toBe(out.length);
    expect(out.sort()).toEqual(tasks.slice(0, 700).map((t) => t.taskId));
    expect(await b.stats()).toMatchObject({ reserved: 700, queued: 300 });
  });

  it.each(['LEAST_CONNECTIONS', 'ROUND_ROBIN', 'WEIGHTED_ROUND_ROBIN', 'SHORTEST_EXPECTED'] as const)(
    '%s: a trickle through both gives equal agents equal shares',
    async (strategy) => {
      [a, b] = [redisIndexOn(view, clock, 'a', { strategy }), redisIndexOn(view, clock, 'b', { strategy })];
      for (const [index, name] of [
        [a, 'a1'],
        [b, 'b1'],
        [a, 'a2'],
        [b, 'b2'],
      ] as const) {
        await connect(index, name, 1_000, 100);
      }
      const shares = new Map<string, number>();
      for (let i = 0; i < 200; i += 1) {
        const [from, other] = i % 3 === 0 ? [b, a] : [a, b];
        await from.add([fresh()]);
        const given = [...(await from.reserve(1)), ...(await taken(other, 1))];
        const [one] = given;
        expect(given).toHaveLength(1);
        shares.set(one?.agentId ?? '', (shares.get(one?.agentId ?? '') ?? 0) + 1);
        await (one?.agentId.startsWith('a') ? a : b).confirm(confirmed(given));
        if (i % 2 === 0) await from.freeSlots(claims(given));
      }
      for (const name of ['a1', 'a2', 'b1', 'b2']) {
        expect(shares.get(name)).toBeGreaterThanOrEqual(45);
        expect(shares.get(name)).toBeLessThanOrEqual(55);
      }
    },
  );

  it('takes the least loaded, wherever it is connected', async () => {
    await connect(a, 'a1', 100, 10);
    await connect(b, 'b1', 100, 10);
    const running: Reservation[] = [];
    let right = 0;
    let compared = 0;
    for (let i = 0; i < 300; i += 1) {
      const loads = { a1: 0, b1: 0 };
      for (const { agentId } of running) loads[agentId as 'a1' | 'b1'] += 1;
      const from = i % 2 === 0 ? a : b;
      await from.add([fresh()]);
      const given = [...(await from.reserve(1)), ...(await taken(from === a ? b : a, 1))];
      const [one] = given as [Reservation];
      if (Math.abs(loads.a1 - loads.b1) >= 2) {
        compared += 1;
        if ((one.agentId === 'a1') === loads.a1 < loads.b1) right += 1;
      }
      await from.confirm(confirmed(given));
      running.push(one);
      // All of one agent's end at once, so that the loads differ.
      const ended = i % 9 === 0 ? running.filter((r) => r.agentId === (i % 2 === 0 ? 'a1' : 'b1')) : [];
      await a.freeSlots(claims(ended));
      for (const r of ended) running.splice(running.indexOf(r), 1);
      await a.grant('a1', 100 + i);
      await b.grant('b1', 100 + i);
    }
    expect(compared).toBeGreaterThan(20);
    expect(right / compared).toBeGreaterThanOrEqual(0.95);
  });

  it('what a coordinator held that is not there any more is void, and what was on its way comes back', async () => {
    await connect(a, 'agent-of-a', 1);
    await connect(b, 'agent-of-b', 5);
    await a.add([fresh(), fresh(), fresh()]);
    expect(await a.reserve(10)).toHaveLength(1);
    clock.advance(3_001);
    expect(await a.stats()).toMatchObject({ queued: 2, reserved: 1, instances: 1 });
    await a.grant('agent-of-a', 3);
    expect(await a.reserve(10)).toHaveLength(2);
  });

  it('a coordinator that was frozen finds its sessions void, and puts them back', async () => {
    await connect(b, 'agent-of-b', 5);
    await a.add([fresh()]);
    clock.advance(3_001);
    expect(await a.stats()).toMatchObject({ instances: 0, parkedLanes: 1 });
    expect(await b.reserve(10)).toEqual([]);
    await b.stats();
    expect(await b.reserve(10)).toHaveLength(1);
    expect(await a.stats()).toMatchObject({ instances: 1 });
  });

  it('also when the answer that would have told it was lost', async () => {
    let loses = false;
    const losing: RedisClient = {
      ...view,
      async run(...args) {
        const answer = await view.run(...args);
        if (loses) throw unavailable('INDEX_UNAVAILABLE', 'the answer was lost');
        return answer;
      },
    };
    const c = redisIndexOn(losing, clock, 'c');
    await connect(c, 'agent-of-c', 5);
    await a.add([fresh()]);
    clock.advance(3_001);
    expect(await a.stats()).toMatchObject({ instances: 0 });
    loses = true;
    await expect(c.stats()).rejects.toThrow('the answer was lost');
    loses = false;
    await c.stats();
    await c.stats();
    expect(await a.stats()).toMatchObject({ instances: 1 });
    c.stop();
  });

  it('holds, conditions and guards are the same for both', async () => {
    await connect(a, 'agent-of-a');
    await b.hold(ORG, { kind: null, tier: null }, 'pause');
    await a.add([fresh()]);
    expect(await a.reserve(10)).toEqual([]);
    await b.unhold(ORG, 'pause');
    await b.setEligibility(ORG, 'agent-of-a', 0.1, 'ACTIVE');
    await a.stats();
    expect(await a.reserve(10)).toEqual([]);
    await b.setEligibility(ORG, 'agent-of-a', 1, 'ACTIVE');
    await a.stats();
    expect(await a.reserve(10)).toHaveLength(1);
  });

  it('an agent that fails on one is held back on the other', async () => {
    for (const id of ['bad', 'good']) await connect(a, id, 4);
    await a.add(Array.from({ length: 8 }, fresh));
    const given = await a.reserve(8);
    await a.confirm(confirmed(given));
    const of = (agentId: string) => given.filter((r) => r.agentId === agentId);
    const ends = (outcome: 'SUCCEEDED' | 'FAILED') => (r: Reservation) => ({
      org: ORG,
      taskId: r.taskId,
      outcome,
    });
    await a.recordAttempts(of('good').map(ends('SUCCEEDED')));
    await b.recordAttempts(of('bad').map(ends('FAILED')));
    await a.freeSlots(claims(given));
    for (const id of ['bad', 'good']) await a.grant(id, 14);
    await b.add(Array.from({ length: 6 }, fresh));
    await b.reserve(10);
    expect((await taken(a)).map((r) => r.agentId)).toEqual(Array(6).fill('good'));
  });

  it('what Redis has lost is said, and what the coordinators hold is told anew; holds first', async () => {
    await connect(a, 'agent-of-a', 3);
    await connect(b, 'agent-of-b', 3);
    await a.hold(ORG, { kind: 'work', tier: 'LOW' }, 'pause');
    await a.add([fresh()]);
    const given = await a.reserve(1);
    await a.confirm(confirmed(given));
    await b.stats();
    let lost = 0;
    a.onLost(() => {
      lost += 1;
    });
    await redis.client.call('FLUSHALL', 'SYNC');
    await a.add([{ ...fresh(), tier: 'LOW' }]);
    expect(lost).toBeGreaterThan(0);
    expect(await a.stats()).toMatchObject({ instances: 1, inFlight: 1, queued: 1, parkedLanes: 1 });
    await b.stats();
    expect(await b.stats()).toMatchObject({ instances: 2 });
    await a.add([fresh(), fresh(), fresh(), fresh(), fresh(), fresh()]);
    const again = [...(await a.reserve(10)), ...(await taken(b))];
    expect(again).toHaveLength(5);
  });

  it('one of those that start on an empty Redis is told so', async () => {
    expect([await a.start(), await b.start()]).toEqual([true, false]);
    expect(await redisIndexOn(view, clock, 'c').start()).toBe(false);
  });

  it('who tells of what was queued before waits until it is written', async () => {
    let isWritten = false;
    const many = Array.from({ length: 1_200 }, () => fresh());
    const written = a.add(many, 'LOADED').then(() => {
      isWritten = true;
    });
    // Longer than others wait.
    clock.advance(100);
    await Promise.resolve();
    expect(isWritten).toBe(false);
    await written;
    expect(await a.stats()).toMatchObject({ queued: 1_200 });
  });
});
