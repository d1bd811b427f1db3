import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_LIMITS, type OrgLimits } from '../../src/domain/limits/org-limits.js';
import { NO_ORDER_TERMS, type OrderTerms } from '../../src/matching/order-terms.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { atMost, keyed, perPeriod, running } from '../conformance/ready-index-limits-world.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { seededRandom } from '../support/seeded-random.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

describe('limits that two coordinators share', () => {
  let clock: FakeClock;
  let view: RedisClient;
  let both: readonly [RedisIndex, RedisIndex];
  let limits: OrgLimits;

  beforeEach(() => {
    clock = new FakeClock();
    view = freshView(redis.client);
    limits = { ...NO_LIMITS, version: 1 };
    const orderTerms: OrderTerms = { ...NO_ORDER_TERMS, limitsOf: () => limits };
    both = [redisIndexOn(view, clock, 'a', { orderTerms }), redisIndexOn(view, clock, 'b', { orderTerms })];
  });
  afterEach(async () => {
    await Promise.all(both.map((index) => index.stop()));
  });

  async function connect(): Promise<void> {
    for (const [i, index] of both.entries()) {
      const agentId = `agent-${i}`;
      const instance = { org: ORG, sessionId: agentId, spec: agent(agentId), slots: 1_000, held: [] };
      await index.putInstance(instance);
      await index.grant(agentId, 1_000);
    }
  }

  /** What each has for its own sessions, both at once. */
  async function reserve(max: number): Promise<readonly (readonly [RedisIndex, Reservation])[]> {
    await Promise.all(both.map((index) => index.stats()));
    const found = await Promise.all(both.map((index) => index.reserve(max)));
    // What one has popped for the other is in its inbox.
    await Promise.all(both.map((index) => index.stats()));
    const told = await Promise.all(both.map((index) => index.reserve(max)));
    return [...found, ...told].flatMap((of, i) => of.map((r) => [both[i % 2] as RedisIndex, r] as const));
  }

  it.each([1, 2, 3, 4, 5, 6])(
    'are never exceeded, whoever plans and whatever is lost (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const of = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T;
      const most = { api: 3, db: 2, all: 6 };
      const rate = { count: 4, periodMs: 1_000 };
      limits = {
        ...limits,
        maxConcurrent: most.all,
        keys: { api: atMost(most.api), db: atMost(most.db), web: perPeriod(rate.count, rate.periodMs) },
      };
      const unready = [false, false];
      both.forEach((index, i) => {
        index.onUnready(() => {
          unready[i] = true;
        });
      });
      await connect();
      const keysOf = new Map<string, readonly string[]>();
      const waiting = new Set<string>();
      const reserved = new Map<string, readonly [RedisIndex, Reservation]>();
      const held = new Map<string, string>();
      const starts: { readonly limits: readonly string[]; readonly time: number }[] = [];
      const started = new Set<string>();
      let made = 0;
      let ended = 0;

      const inUse = (key: string) =>
        [...reserved.keys(), ...held.keys()].filter((id) => keysOf.get(id)?.includes(key)).length;
      function check(): void {
        expect(inUse('api')).toBeLessThanOrEqual(most.api);
        expect(inUse('db')).toBeLessThanOrEqual(most.db);
        expect(reserved.size + held.size).toBeLessThanOrEqual(most.all);
        const recent = starts.filter(({ limits: named, time }) => {
          return named.includes('web') && time > clock.now() - rate.periodMs;
        });
        expect(recent.length).toBeLessThanOrEqual(rate.count);
      }
      async function add(count: number): Promise<void> {
        const tasks = Array.from({ length: count }, () => {
          const taskId = `t${String(made++).padStart(5, '0')}`;
          const named = ['api', 'db', 'web'].filter(() => random() < 0.4);
          keysOf.set(taskId, named);
          waiting.add(taskId);
          return keyed(taskId, { limits: named, fairness: of([null, 'x', 'y', 'z']) }, { score: made });
        });
        await of(both).add(tasks);
      }
      async function confirm(): Promise<void> {
        for (const [id, [index, reservation]] of reserved) {
          await index.confirm(confirmed([reservation]));
          reserved.delete(id);
          held.set(id, reservation.agentId);
        }
      }
      /** As the record knows it: what is reserved is confirmed by the time that it is read. */
      async function tellWhatRuns(i: number): Promise<void> {
        if (!unready[i]) return;
        await confirm();
        const runs = [...held].map(([id, agentId]) => running(id, agentId, { limits: keysOf.get(id) ?? [] }));
        const recent = starts.map((start) => ({ ...start, count: 1 }));
        unready[i] = false;
        await both[i]?.setRunning(ORG, runs, recent);
      }
      async function lose(): Promise<void> {
        await redis.client.call('FLUSHALL', 'SYNC');
        await Promise.all(both.map((index) => index.stats()));
        await Promise.all(both.map((index) => index.stats()));
        const again = [...waiting].map((id) => keyed(id, { limits: keysOf.get(id) ?? [] }, { score: 1 }));
        await of(both).add(again, 'LOADED');
      }

      for (let n = 0; n < 120; n += 1) {
        const what = random();
        if (n === 60) await lose();
        else if (what < 0.3) await add(1 + Math.floor(random() * 5));
        else if (what < 0.7) {
          for (const [index, reservation] of await reserve(of([1, 2, 50]))) {
            const { taskId } = reservation;
            expect(started.has(taskId), `${taskId} is given out twice`).toBe(false);
            started.add(taskId);
            waiting.delete(taskId);
            reserved.set(taskId, [index, reservation]);
            starts.push({ limits: keysOf.get(taskId) ?? [], time: clock.now() });
          }
        } else if (what < 0.8) await confirm();
        else if (what < 0.9) {
          await confirm();
          for (const id of [...held.keys()].filter(() => random() < 0.6)) {
            held.delete(id);
            ended += 1;
            await of(both).freeSlots(claims([{ org: ORG, taskId: id }]));
          }
        } else {
          await confirm();
          clock.advance(Math.floor(random() * 600));
        }
        check();
        for (const i of [0, 1]) if (random() < 0.3) await tellWhatRuns(i);
      }
      expect(ended).toBeGreaterThan(8);
    },
  );

  it('a claim whose reservation was lost counts against its limit all the same', async () => {
    limits = { ...limits, keys: { api: atMost(1) } };
    const [a, b] = both;
    await connect();
    await a.setRunning(ORG, [], []);
    await a.add([keyed('t1', { limits: ['api'] }), keyed('t2', { limits: ['api'] })]);
    const [one] = await reserve(1);
    await redis.client.call('FLUSHALL', 'SYNC');
    if (one) await one[0].confirm(confirmed([one[1]]));
    // The record was read before the claim: it does not tell of it.
    await Promise.all(both.map((index) => index.stats()));
    await b.setRunning(ORG, [], []);
    await b.add([keyed('t2', { limits: ['api'] })], 'LOADED');
    expect(await reserve(10)).toEqual([]);
    await a.freeSlots(claims([{ org: ORG, taskId: 't1' }]));
    expect((await reserve(10)).map(([, r]) => r.taskId)).toEqual(['t2']);
  });

  it('a coordinator that has not heard of a limit yet keeps it', async () => {
    const [a, b] = both;
    await connect();
    limits = { ...limits, version: 5, maxConcurrent: 1 };
    await a.stats();
    await a.setRunning(ORG, [], []);
    limits = { ...NO_LIMITS, version: 2 };
    await b.add([task('t1'), task('t2')]);
    expect(await reserve(10)).toHaveLength(1);
  });

  it('after a loss nothing limited goes until it is told what runs, and what names no limit does', async () => {
    limits = { ...limits, keys: { api: atMost(5) } };
    const [a] = both;
    let told = 0;
    a.onUnready(() => {
      told += 1;
    });
    await connect();
    await a.setRunning(ORG, [], []);
    await redis.client.call('FLUSHALL', 'SYNC');
    await Promise.all(both.map((index) => index.stats()));
    await a.add([keyed('t1', { limits: ['api'] }), task('plain')]);
    expect((await reserve(10)).map(([, r]) => r.taskId)).toEqual(['plain']);
    expect(told).toBeGreaterThan(0);
    await a.setRunning(ORG, [], []);
    expect((await reserve(10)).map(([, r]) => r.taskId)).toEqual(['t1']);
  });
});
