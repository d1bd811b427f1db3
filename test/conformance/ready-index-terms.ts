import { describe, expect, test } from 'vitest';
import { poolText } from '../../src/domain/directory/pool.js';
import type { OrgTerms } from '../../src/matching/org-terms.js';
import type { ReadyTask } from '../../src/ports/ready-index.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { claims, confirmed, connectAgent, type IndexUnderTest, ORG, task } from './ready-index-world.js';

const POOL = poolText({ jobSpaceId: '', roleIds: ['reviewer'], roleFilter: null });

/** What an index does with what organisations have set: pools of candidates, thresholds, strategies of tasks. */
export function describeTerms(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  describe(`what organisations have set, in the ready index: ${name}`, () => {
    function setup() {
      const pools = new Map<string, Set<string>>();
      const minHealth = new Map<string, number>();
      const listeners: ((org: string) => void)[] = [];
      const terms: OrgTerms = {
        minHealthOf: (org) => minHealth.get(org) ?? null,
        isInPool: (org, pool, subjectId) => pools.get(`${org} ${pool}`)?.has(subjectId) ?? false,
        onChanged: (listener) => void listeners.push(listener),
      };
      const { index } = open({ terms, strategyOf: () => 'LEAST_CONNECTIONS' });
      let ready = 0;
      index.onReady(() => {
        ready += 1;
      });
      const told = (org: string) => {
        for (const listener of listeners) listener(org);
      };
      return {
        index,
        /** How often the index said that it has something. */
        ready: () => ready,
        setPool(members: readonly string[], org = ORG) {
          pools.set(`${org} ${POOL}`, new Set(members));
          told(org);
        },
        setMinHealth(value: number, org = ORG) {
          minHealth.set(org, value);
          told(org);
        },
        takers: async () => (await index.reserve(100)).map((r) => `${r.taskId} ${r.agentId}`).sort(),
      };
    }

    test('a task of a pool goes to its members alone, new or queued', async () => {
      const { index, setPool, takers } = setup();
      setPool(['b']);
      await connectAgent(index, 'a', 5);
      await connectAgent(index, 'b', 2);
      await index.add([inPool('t1'), task('t2')]);
      expect(await takers()).toEqual(['t1 b', 't2 a']);
      const fresh = await index.reserveNew([inPool('n1'), inPool('n2')]);
      expect(fresh.map((r) => r?.agentId)).toEqual(['b', undefined]);
    });

    test('whoever comes into the pool gets what waits, and the index says that it has something', async () => {
      const { index, ready, setPool, takers } = setup();
      await connectAgent(index, 'a', 5);
      await index.add([inPool('t1'), { ...inPool('t2'), lastAgentId: 'b' }]);
      expect(await takers()).toEqual([]);
      const before = ready();
      setPool(['a']);
      expect(ready()).toBeGreaterThan(before);
      expect(await takers()).toEqual(['t1 a', 't2 a']);
    });

    test('whoever leaves the pool gets nothing new, and keeps what it has', async () => {
      const { index, setPool, takers } = setup();
      setPool(['a']);
      await connectAgent(index, 'a', 5);
      await index.add([inPool('t1')]);
      const given = await index.reserve(1);
      await index.confirm(confirmed(given));
      setPool([]);
      await index.add([inPool('t2')]);
      expect(await takers()).toEqual([]);
      expect((await index.stats()).inFlight).toBe(1);
      await index.freeSlots(claims(given));
      setPool(['a']);
      expect(await takers()).toEqual(['t2 a']);
    });

    test('pools are of one organisation', async () => {
      const { index, setPool, takers } = setup();
      setPool(['a'], 'other');
      await connectAgent(index, 'a', 5);
      await index.add([inPool('t1')]);
      expect(await takers()).toEqual([]);
    });

    test('why a task waits names the pool', async () => {
      const { index, setPool } = setup();
      setPool(['elsewhere']);
      await connectAgent(index, 'a', 5);
      await connectAgent(index, 'b', 5, { capabilities: ['read'] });
      await index.add([inPool('t1')]);
      expect(await index.whyWaiting({ org: ORG, taskId: 't1' })).toMatchObject({
        why: 'NO_ELIGIBLE_AGENT',
        against: [
          { what: 'POOL', count: 1 },
          { what: 'CAPABILITIES', count: 1 },
        ],
      });
    });

    test('the threshold is that of the organisation for tasks that name none, as soon as it is set', async () => {
      const { index, setMinHealth, takers } = setup();
      await connectAgent(index, 'a', 5);
      await index.setEligibility(ORG, 'a', 0.4, 'ACTIVE');
      const own = task('t2');
      await index.add([task('t1'), { ...own, requirements: { ...own.requirements, minHealth: 0.45 } }]);
      expect(await takers()).toEqual([]);
      setMinHealth(0.1, 'other');
      expect(await takers()).toEqual([]);
      setMinHealth(0.4);
      expect(await takers()).toEqual(['t1 a']);
      setMinHealth(0.41);
      await index.add([task('t3')]);
      expect(await takers()).toEqual([]);
    });

    test('a task is given out by the strategy that it names, and the others by that of the organisation', async () => {
      const { index } = setup();
      await connectAgent(index, 'a', 100, { weight: 9 });
      await connectAgent(index, 'b', 100, { weight: 1 });
      const weighted = async (balancing: 'WEIGHTED_ROUND_ROBIN' | null) => {
        let ofA = 0;
        for (let i = 0; i < 10; i += 1) {
          const plain = task(`${balancing}${i}`);
          await index.add([{ ...plain, requirements: { ...plain.requirements, balancing } }]);
          const given = await index.reserve(1);
          await index.confirm(confirmed(given));
          await index.freeSlots(claims(given));
          if (given[0]?.agentId === 'a') ofA += 1;
        }
        return ofA;
      };
      expect(await weighted('WEIGHTED_ROUND_ROBIN')).toBe(9);
      expect(await weighted(null)).toBe(5);
    });
  });
}

function inPool(taskId: string): ReadyTask {
  const plain = task(taskId);
  return { ...plain, requirements: { ...plain.requirements, pool: POOL } };
}
