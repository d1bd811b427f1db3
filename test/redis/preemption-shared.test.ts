import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisClient } from '../../src/redis/client.js';
import type { RedisIndex } from '../../src/redis/ready-index.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { freshView, redisIndexOn } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();
const QUERY = { kinds: new Set(['work']), max: 100, graceMs: 5_000 };

describe('preemption for people, of two coordinators on one Redis', () => {
  let steps = 0;
  let a: RedisIndex;
  let b: RedisIndex;
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
    const view = freshView(redis.client);
    const counted: RedisClient = {
      ...view,
      run(script, org, args) {
        steps += 1;
        return view.run(script, org, args);
      },
    };
    [a, b] = [redisIndexOn(counted, clock, 'a'), redisIndexOn(counted, clock, 'b')];
  });
  afterEach(async () => {
    await Promise.all([a.stop(), b.stop()]);
  });

  /** Agents on both with a LOW task each, the first began first. */
  async function setup(count: number) {
    for (let n = 0; n < count; n += 1) {
      const [index, agentId] = [n % 2 === 0 ? a : b, `agent-${n}`];
      await index.putInstance({ org: ORG, sessionId: agentId, spec: agent(agentId), slots: 1, held: [] });
      await index.grant(agentId, 1);
      await index.add([task(`low-${n}`, { tier: 'LOW' })]);
      await index.stats();
      const reserved = await index.reserve(1);
      expect(reserved.map(({ taskId }) => taskId)).toEqual([`low-${n}`]);
      await index.confirm(confirmed(reserved));
      clock.advance(1_000);
    }
    await Promise.all([a.stats(), b.stats()]);
  }
  const ask = async (...ids: readonly string[]) => {
    await a.add(ids.map((id, i) => task(id, { band: 'HUMAN', score: i })));
    await b.stats();
  };

  it('both at once have no task sent back twice, and none for what waits for one already', async () => {
    await setup(6);
    await ask('p1', 'p2', 'p3');
    const both = (await Promise.all([a.takeVictims(ORG, QUERY), b.takeVictims(ORG, QUERY)])).flat();
    expect(both.map(({ taskId }) => taskId).sort()).toEqual(['low-3', 'low-4', 'low-5']);
    expect(both.map(({ forTaskId }) => forTaskId).sort()).toEqual(['p1', 'p2', 'p3']);
    expect((await a.place({ org: ORG, taskId: 'p1' }))?.victim).toBe('low-5');
    expect([...(await a.takeVictims(ORG, QUERY)), ...(await b.takeVictims(ORG, QUERY))]).toEqual([]);
  });

  it('what one was refused the other does not ask for either', async () => {
    await setup(2);
    await ask('p1');
    await a.refuseVictims(ORG, await a.takeVictims(ORG, QUERY));
    expect(await b.takeVictims(ORG, QUERY)).toMatchObject([{ taskId: 'low-0', forTaskId: 'p1' }]);
  });

  it('takes no step while no task of a person waits for a slot', async () => {
    await setup(2);
    const before = steps;
    expect(await a.takeVictims(ORG, QUERY)).toEqual([]);
    await b.takeVictims(ORG, QUERY);
    expect(steps).toBe(before);
    await ask('p1');
    await b.freeSlots(claims([{ org: ORG, taskId: 'low-1' }]));
    const freed = steps;
    expect(await b.takeVictims(ORG, QUERY)).toEqual([]);
    expect(steps).toBe(freed);
  });
});
