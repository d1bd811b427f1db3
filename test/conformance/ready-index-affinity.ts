import { describe, expect, test } from 'vitest';
import { WARM_FOR_MS } from '../../src/domain/selection/warm-agents.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { NO_ORDER_TERMS } from '../../src/matching/order-terms.js';
import type { ReadyTask, Reservation } from '../../src/ports/ready-index.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { agent, claims, confirmed, type IndexUnderTest, ORG, task } from './ready-index-world.js';

const COLD_MS = 30_000;
const SLOW = { org: ORG, sessionId: 'slow2', spec: agent('slow'), slots: 10 };

/** What an index does with affinity keys. */
export function describeAffinity(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  describe(`affinity in the ready index: ${name}`, () => {
    function setup(options: StrategyUnderTest = {}) {
      const opened = open({ orderTerms: { ...NO_ORDER_TERMS, coldStartMsOf: () => COLD_MS }, ...options });
      const { index, advance } = opened;
      const granted = new Map<string, number>();
      let count = 0;
      const nextId = () => `t${String(++count).padStart(6, '0')}`;
      const grant = async (sessionId: string, more: number) => {
        granted.set(sessionId, (granted.get(sessionId) ?? 0) + more);
        await index.grant(sessionId, granted.get(sessionId) ?? 0);
      };
      return {
        ...opened,
        grant,
        nextId,
        async connect(agentId: string, slots = 10, org = ORG) {
          await index.putInstance({ org, sessionId: agentId, spec: agent(agentId), slots, held: [] });
          await grant(agentId, slots);
        },
        /** The next task of a key is given out; it lasts until `end`. */
        async begin(affinity: string | null, over: Partial<ReadyTask> = {}): Promise<Reservation> {
          await index.add([withKey(nextId(), affinity, over)]);
          const given = await index.reserve(1);
          await index.confirm(confirmed(given));
          const [only] = given;
          if (!only) throw new Error('nobody got it');
          return only;
        },
        async end(given: Reservation, outcome: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED', lastedMs = 1_000) {
          advance(lastedMs);
          await index.recordAttempts([{ org: given.org, taskId: given.taskId, outcome }]);
          await index.freeSlots(claims([given]));
          await grant(given.sessionId, 1);
        },
      };
    }
    type World = ReturnType<typeof setup>;

    function withKey(taskId: string, affinity: string | null, over: Partial<ReadyTask> = {}): ReadyTask {
      const keys = affinity === null ? null : { limits: [], fairness: null, affinity };
      const { requirements = { ...NO_REQUIREMENTS, capabilities: ['work'] } } = over;
      return task(taskId, { ...over, requirements: { ...requirements, keys } });
    }

    /** Whom a task of the key went to, and what was said of that. */
    async function done({ begin, end }: World, affinity: string | null, over: Partial<ReadyTask> = {}) {
      const given = await begin(affinity, over);
      await end(given);
      return given;
    }

    /** `a` has done a task of the key `session`, and now carries more than `b` does. */
    async function withWarm(options: StrategyUnderTest = {}) {
      const world = setup(options);
      await world.connect('a');
      expect((await done(world, 'session')).agentId).toBe('a');
      await world.begin(null);
      await world.connect('b');
      return world;
    }

    test('a task goes to the agent that did one of its key lately, and others where they would', async () => {
      const world = await withWarm();
      expect(await done(world, 'session')).toMatchObject({
        agentId: 'a',
        selection: { strategy: 'AFFINITY', runner_up: 'b', free: 2 },
      });
      expect(await done(world, 'another')).toMatchObject({
        agentId: 'b',
        selection: { strategy: 'LEAST_CONNECTIONS' },
      });
      expect((await done(world, null)).agentId).toBe('b');
    });

    test('a new task goes there too, right after the one before', async () => {
      const world = await withWarm();
      const [fresh] = await world.index.reserveNew([withKey('n1', 'session')]);
      expect(fresh).toMatchObject({ agentId: 'a', selection: { strategy: 'AFFINITY' } });
      await world.index.confirm(confirmed([fresh]));
      const [other] = await world.index.reserveNew([withKey('n2', 'other')]);
      expect(other).toMatchObject({ agentId: 'b' });
      await world.index.confirm(confirmed([other]));
      if (other) await world.end(other);
      expect(await world.index.reserveNew([withKey('n3', 'other')])).toMatchObject([{ agentId: 'b' }]);
    });

    test('what a new task was given for is remembered as well, with the keys that it is counted by', async () => {
      const world = await withWarm();
      const { keys, ...requirements } = withKey('n1', 'fresh').requirements;
      const counted = { limits: ['api'], fairness: 'tenant', affinity: 'fresh' };
      const [fresh] = await world.index.reserveNew([
        task('n1', { requirements: { ...requirements, keys: { ...keys, ...counted } } }),
      ]);
      expect(fresh?.agentId).toBe('b');
      await world.index.confirm(confirmed([fresh]));
      if (fresh) await world.end(fresh);
      // Now `b` carries more.
      await world.index.reserveNew([withKey('n2', null), withKey('n3', null), withKey('n4', null)]);
      expect(await world.begin('fresh')).toMatchObject({ agentId: 'b', selection: { strategy: 'AFFINITY' } });
    });

    test.each(['ROUND_ROBIN', 'WEIGHTED_ROUND_ROBIN', 'RANDOM', 'SHORTEST_EXPECTED'] as const)(
      '%s: all tasks of a session stay with the agent that did its first',
      async (strategy) => {
        const world = setup({ strategyOf: () => strategy });
        for (const id of ['a', 'b', 'c']) await world.connect(id);
        for (const key of ['k1', 'k2', 'k3', 'k4']) {
          const { agentId } = await done(world, key);
          for (let i = 0; i < 6; i += 1) expect((await done(world, key)).agentId).toBe(agentId);
        }
      },
    );

    test('whom the strategy named keeps its turn', async () => {
      const world = setup({ strategyOf: () => 'WEIGHTED_ROUND_ROBIN' });
      for (const id of ['a', 'b', 'c']) await world.connect(id);
      const warm = (await done(world, 'k')).agentId;
      for (let i = 0; i < 20; i += 1) expect((await done(world, 'k')).agentId).toBe(warm);
      const next = [(await done(world, null)).agentId, (await done(world, null)).agentId];
      expect(next.sort()).toEqual(['a', 'b', 'c'].filter((id) => id !== warm));
    });

    test('a warm agent that is busy is not waited for, and the one that has it is warm from then on', async () => {
      const world = setup();
      await world.connect('a', 1);
      await done(world, 'k');
      await world.begin(null);
      await world.connect('b', 5);
      expect((await done(world, 'k')).agentId).toBe('b');
      expect(await done(world, 'k')).toMatchObject({ agentId: 'b', selection: { strategy: 'AFFINITY' } });
    });

    test('a warm agent is worth a cold start and no more', async () => {
      let coldMs = COLD_MS;
      const world = setup({ orderTerms: { ...NO_ORDER_TERMS, coldStartMsOf: () => coldMs } });
      const times = async (ms: number, key: string) => {
        for (let i = 0; i < 10; i += 1) await world.end(await world.begin(key), 'SUCCEEDED', ms);
      };
      await world.connect('slow');
      await times(60_000, 'k');
      await world.index.dropInstance('slow');
      await world.connect('quick');
      await times(1_000, 'other');
      await world.index.putInstance({ ...SLOW, held: [] });
      await world.grant('slow2', 10);
      // So much that what it takes longer is nothing beside it.
      coldMs = 600_000;
      for (let i = 0; i < 3; i += 1) expect((await world.begin('k')).agentId).toBe('slow');
      coldMs = 0;
      expect((await world.begin('k')).agentId).toBe('quick');
    });

    test('an agent that failed a task of the key is not warm', async () => {
      const world = setup();
      await world.connect('a');
      await world.end(await world.begin('k'), 'FAILED');
      await world.begin(null);
      await world.connect('b');
      expect((await world.begin('k')).agentId).toBe('b');
    });

    test('a retry goes to another agent, warm or not', async () => {
      const world = await withWarm();
      expect((await world.begin('session', { lastAgentId: 'a' })).agentId).toBe('b');
    });

    test('an agent is warm for a while, in its own organisation', async () => {
      const world = await withWarm();
      await world.connect('c', 10, 'other');
      expect((await world.begin('session', { org: 'other' })).agentId).toBe('c');
      world.advance(WARM_FOR_MS + 1);
      expect((await world.begin('session')).agentId).toBe('b');
    });

    test('a warm agent that may not have the task, or takes none, does not get it', async () => {
      const world = await withWarm();
      await world.index.setEligibility(ORG, 'a', 1, 'INACTIVE');
      expect((await world.begin('session')).agentId).toBe('b');
      await world.index.setEligibility(ORG, 'a', 1, 'ACTIVE');
      await world.index.withdraw('a');
      expect((await world.begin('session')).agentId).toBe('b');
    });

    test('a task that waits is expected where it will go', async () => {
      const world = await withWarm();
      await world.index.hold(ORG, { tier: null, kind: null }, 'pause');
      await world.index.add([withKey('w1', 'session')]);
      const place = await world.index.place({ org: ORG, taskId: 'w1' });
      expect(place?.rehearse([], new Set())).toEqual([{ taskId: 'w1', agentId: 'a' }]);
    });
  });
}
