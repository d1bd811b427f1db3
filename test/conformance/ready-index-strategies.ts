import { describe, expect, test } from 'vitest';
import type { AgentSpec } from '../../src/domain/agents/agent.js';
import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import type { StrategyName } from '../../src/domain/selection/strategy-name.js';
import type { OrderTerms } from '../../src/matching/order-terms.js';
import type { OrgTerms } from '../../src/matching/org-terms.js';
import type { ExpectedDurations } from '../../src/ports/expected-durations.js';
import type { Log } from '../../src/ports/log.js';
import type { ReadyIndex } from '../../src/ports/ready-index.js';
import { agent, claims, confirmed, type IndexUnderTest, ORG, task } from './ready-index-world.js';

export interface StrategyUnderTest {
  /** Asked at each choice. Default: LEAST_CONNECTIONS. */
  readonly strategyOf?: (org: string) => StrategyName;
  readonly seed?: number;
  readonly terms?: OrgTerms;
  readonly orderTerms?: OrderTerms;
  readonly durations?: Pick<ExpectedDurations, 'of'>;
  readonly log?: Partial<Log>;
}

const NAMES = Object.keys(STRATEGIES) as StrategyName[];
const LOAD = { cpu: null, memory: null, gpu: null, activeConnections: null, pendingTasks: null };

/** What an index does with the strategies, whichever it is. */
export function describeStrategies(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  describe(`strategies in the ready index: ${name}`, () => {
    function setup(options: StrategyUnderTest | StrategyName) {
      const opened = open(typeof options === 'string' ? { strategyOf: () => options } : options);
      const { index } = opened;
      let count = 0;
      return {
        ...opened,
        async connect(agentId: string, over: Partial<AgentSpec> = {}, slots = 100) {
          await index.putInstance({
            org: ORG,
            sessionId: agentId,
            spec: agent(agentId, over),
            slots,
            held: [],
          });
          await index.grant(agentId, slots);
        },
        /** Whom the next tasks go to, in order. Each has ended before the next is given out. */
        async agents(n: number, prefer: Parameters<typeof placed>[1] = null) {
          const out: string[] = [];
          for (let i = 0; i < n; i += 1) {
            await index.add([placed(`t${String(++count).padStart(6, '0')}`, prefer)]);
            out.push(await runNext(index));
          }
          return out;
        },
      };
    }

    test.each(NAMES)(
      '%s: every task goes to an eligible agent with credit, and all credit is used',
      async (strategy) => {
        const { index, connect } = setup(strategy);
        await connect('a', {}, 3);
        await connect('b', { weight: 7 }, 4);
        await connect('reader', { capabilities: ['read'] }, 5);
        await connect('ill', {}, 5);
        await index.setEligibility(ORG, 'ill', 0.2, 'ACTIVE');
        await index.add(Array.from({ length: 10 }, (_, i) => task(`t${i}`)));
        const given = (await index.reserve(100)).map((r) => r.agentId).sort();
        expect(given).toEqual(['a', 'a', 'a', 'b', 'b', 'b', 'b']);
      },
    );

    test.each(NAMES)('%s: the same steps and the same seed give the same choices', async (strategy) => {
      const run = async () => {
        const { connect, agents } = setup({ strategyOf: () => strategy, seed: 7 });
        for (const id of ['c', 'a', 'b']) await connect(id);
        return agents(40);
      };
      expect(await run()).toEqual(await run());
    });

    test.each(NAMES.filter((n) => n !== 'RANDOM'))('%s: equal agents get equal shares', async (strategy) => {
      const { connect, agents } = setup(strategy);
      for (const id of ['a', 'b', 'c', 'd']) await connect(id);
      const given = await agents(40);
      for (const id of ['a', 'b', 'c', 'd']) expect(given.filter((g) => g === id)).toHaveLength(10);
    });

    test('the strategy can be switched between two choices, for one organisation', async () => {
      let inForce: StrategyName = 'WEIGHTED_ROUND_ROBIN';
      const { connect, agents } = setup({ strategyOf: (org) => (org === ORG ? inForce : 'RANDOM') });
      await connect('heavy', { weight: 3, region: 'us' });
      await connect('light', { weight: 1, region: 'eu' });
      const prefer = { region: 'eu', location: null };
      const heavy = async () => (await agents(8, prefer)).filter((id) => id === 'heavy').length;
      expect(await heavy()).toBe(6);
      inForce = 'ROUND_ROBIN';
      expect(await heavy()).toBe(4);
      inForce = 'GEOGRAPHIC';
      expect(await heavy()).toBe(0);
      inForce = 'WEIGHTED_ROUND_ROBIN';
      expect(await heavy()).toBe(6);
    });

    test('a task goes where it would best be done, new or queued', async () => {
      const { index, connect, agents } = setup('GEOGRAPHIC');
      await connect('berlin', { location: { latitude: 52.5, longitude: 13.4 } });
      await connect('sydney', { location: { latitude: -33.9, longitude: 151.2 } });
      const paris = { region: null, location: { latitude: 48.9, longitude: 2.3 } };
      const tokyo = { region: null, location: { latitude: 35.7, longitude: 139.7 } };
      expect(await agents(2, paris)).toEqual(['berlin', 'berlin']);
      expect(await agents(2, tokyo)).toEqual(['sydney', 'sydney']);
      const fresh = await index.reserveNew([placed('n1', tokyo), placed('n2', paris)]);
      expect(fresh.map((r) => r?.agentId)).toEqual(['sydney', 'berlin']);
    });

    test('a report of load counts until it is old', async () => {
      const { index, connect, agents, advance } = setup('RESOURCE_BASED');
      await connect('a');
      await connect('b');
      await index.reportLoad(ORG, 'a', { ...LOAD, cpu: 0.9, memory: 0.9 });
      await index.reportLoad(ORG, 'b', { ...LOAD, cpu: 0.4, memory: 0.4 });
      expect(await agents(4)).toEqual(['b', 'b', 'b', 'b']);
      advance(45_001);
      await index.reportLoad(ORG, 'b', { ...LOAD, cpu: 0.6 });
      expect(await agents(2)).toEqual(['a', 'a']);
    });

    test('measured speed counts per kind of task', async () => {
      const { index, connect, advance } = setup('SHORTEST_EXPECTED');
      await connect('a', { capabilities: ['read', 'write'] }, 10);
      await connect('b', { capabilities: ['read', 'write'] }, 10);
      let n = 0;
      const runAll = async (kind: string, durations: Readonly<Record<string, number>>) => {
        await index.add(Array.from({ length: 20 }, () => task(`t${++n}`, {}, [kind])));
        const given = await index.reserve(20);
        await index.confirm(confirmed(given));
        for (const [id, ms] of Object.entries(durations)) {
          advance(ms);
          const mine = given.filter((r) => r.agentId === id);
          await index.recordAttempts(mine.map((r) => ({ ...r, outcome: 'SUCCEEDED' as const })));
          await index.freeSlots(claims(mine));
          await index.grant(id, 10 + n);
        }
      };
      const shareOfA = async (kind: string) => {
        const ids = Array.from({ length: 8 }, () => `t${++n}`);
        await index.add(ids.map((id) => task(id, {}, [kind])));
        const given = await index.reserve(8);
        await index.release(given.map((reservation) => ({ reservation, requeue: false })));
        return given.filter((r) => r.agentId === 'a').length;
      };
      for (let round = 0; round < 4; round += 1) {
        await runAll('read', { a: 10, b: 1_000 });
        await runAll('write', { b: 10, a: 1_000 });
      }
      expect(await shareOfA('read')).toBeGreaterThan(5);
      expect(await shareOfA('write')).toBeLessThan(3);
    });
  });
}

function placed(taskId: string, prefer: ReturnType<typeof task>['requirements']['prefer']) {
  const plain = task(taskId);
  return { ...plain, requirements: { ...plain.requirements, prefer } };
}

async function runNext(index: ReadyIndex): Promise<string> {
  const given = await index.reserve(1);
  const [reservation] = given;
  if (!reservation) throw new Error('nobody got it');
  await index.confirm(confirmed(given));
  await index.freeSlots(claims(given));
  return reservation.agentId;
}
