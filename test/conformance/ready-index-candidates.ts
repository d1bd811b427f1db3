import { describe, expect, test } from 'vitest';
import { plainRequirements } from '../support/plain-task.js';
import { agent, confirmed, type IndexUnderTest, ORG, task } from './ready-index-world.js';

/** What an index says of agents beside what a task asks for. */
export function describeCandidates(name: string, open: () => IndexUnderTest): void {
  describe(`ready index, candidates: ${name}`, () => {
    async function setup() {
      const { index, advance } = open();
      const connect = async (agentId: string, credit: number, over = {}, sessionId = agentId) => {
        const spec = agent(agentId, { capabilities: ['work'], ...over });
        await index.putInstance({ org: ORG, sessionId, spec, slots: 4, held: [] });
        await index.grant(sessionId, credit);
      };
      const survey = (over = {}) =>
        index.candidates({
          org: ORG,
          kind: 'work',
          requirements: plainRequirements(['work']),
          max: 10,
          ...over,
        });
      return { index, advance, connect, survey };
    }

    test('the eligible come first, the least loaded of them before the others', async () => {
      const { index, connect, survey } = await setup();
      await connect('busy', 1);
      await index.add([task('t1')]);
      await index.confirm(confirmed(await index.reserve(1)));
      await connect('idle', 2);
      await connect('unable', 1, { capabilities: ['else'] });
      const { agents, connected, eligible } = await survey();
      expect({ connected, eligible }).toEqual({ connected: 3, eligible: 2 });
      expect(agents.map(({ spec }) => spec.agentId)).toEqual(['idle', 'busy', 'unable']);
      expect(agents.map(({ inFlight }) => inFlight)).toEqual([0, 1, 0]);
      expect(agents.map(({ credit }) => credit)).toEqual([2, 0, 1]);
      expect(agents[2]?.against).toEqual(['CAPABILITIES']);
    });

    test('at most as many as are asked for, only the eligible, only one of them', async () => {
      const { index, connect, survey } = await setup();
      for (const id of ['a', 'b', 'c']) await connect(id, 1);
      await index.setEligibility(ORG, 'a', 1, 'DRAINING');
      const names = async (over: object) => (await survey(over)).agents.map(({ spec }) => spec.agentId);
      expect(await names({ eligibleOnly: true })).toEqual(['b', 'c']);
      expect(await names({ max: 1 })).toEqual(['b']);
      expect((await survey({ max: 1 })).eligible).toBe(2);
      expect(await names({ agentId: 'a' })).toEqual(['a']);
      expect((await survey({ agentId: 'a' })).agents[0]).toMatchObject({
        against: ['DRAINING'],
        condition: { health: 1, intent: 'DRAINING' },
      });
      expect(await names({ agentId: 'nobody' })).toEqual([]);
    });

    test('what the processes of an agent carry is added up', async () => {
      const { connect, survey } = await setup();
      await connect('a', 1);
      await connect('a', 2, {}, 'a again');
      const { agents, connected } = await survey();
      expect(connected).toBe(1);
      expect(agents[0]).toMatchObject({ instances: 2, slots: 8, credit: 3 });
    });

    test('how it did on the kind', async () => {
      const { index, advance, connect, survey } = await setup();
      await connect('a', 5);
      expect((await survey()).agents[0]).toMatchObject({ meanMs: null, measured: { attempts: 0 } });
      await index.add([task('t1')]);
      await index.confirm(confirmed(await index.reserve(1)));
      advance(2_000);
      await index.recordAttempts([{ org: ORG, taskId: 't1', outcome: 'SUCCEEDED' }]);
      const [standing] = (await survey()).agents;
      expect(standing?.measured.attempts).toBe(1);
      expect(standing?.meanMs).toBeGreaterThanOrEqual(1_900);
      expect(standing?.meanMs).toBeLessThanOrEqual(2_100);
    });

    test('of other organisations nothing is told', async () => {
      const { connect, survey } = await setup();
      await connect('a', 1);
      expect(await survey({ org: 'other' })).toEqual({
        agents: [],
        connected: 0,
        eligible: 0,
        minHealth: 0.5,
      });
    });
  });
}
