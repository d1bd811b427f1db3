import { describe, expect, test } from 'vitest';
import { agent, confirmed, type IndexUnderTest, nextSeq, ORG, task } from './ready-index-world.js';

/** What an index says of a task that is with no agent. */
export function describeWaiting(name: string, open: () => IndexUnderTest): void {
  describe(`ready index, why tasks wait: ${name}`, () => {
    async function setup() {
      const { index } = open();
      const connect = async (agentId: string, credit: number, capabilities = ['work']) => {
        const spec = agent(agentId, { capabilities });
        await index.putInstance({ org: ORG, sessionId: agentId, spec, slots: 10, held: [] });
        await index.grant(agentId, credit);
      };
      const why = async (taskId: string) => (await index.whyWaiting({ org: ORG, taskId }))?.why ?? null;
      return { index, connect, why };
    }

    test('for somebody to connect, for somebody who can do it, for somebody with room, for its turn', async () => {
      const { index, connect, why } = await setup();
      await index.add([task('t1', { score: 1 }), task('t2', { score: 2 }), task('t3', { score: 3 })]);
      expect(await why('t1')).toBe('NO_AGENT');
      await connect('other', 1, ['else']);
      expect(await index.whyWaiting({ org: ORG, taskId: 't1' })).toEqual({
        why: 'NO_ELIGIBLE_AGENT',
        connected: 1,
        eligible: 0,
        full: 0,
        against: [{ what: 'CAPABILITIES', count: 1 }],
      });
      await connect('a', 1);
      expect(await why('t2')).toBe('IN_TURN');
      expect((await index.reserve(10)).map((r) => r.taskId)).toEqual(['t1']);
      expect(await why('t2')).toBe('ALL_BUSY');
      expect(await why('t1')).toBeNull();
    });

    test('for its queue to be resumed', async () => {
      const { index, connect, why } = await setup();
      await connect('a', 1);
      await index.hold(ORG, { kind: null, tier: null }, 'pause');
      await index.add([task('t1')]);
      expect(await why('t1')).toBe('PAUSED');
      await index.unhold(ORG, 'pause');
      expect(await why('t1')).toBe('IN_TURN');
    });

    test('for an agent that is willing', async () => {
      const { index, connect, why } = await setup();
      await connect('a', 1);
      await index.setEligibility(ORG, 'a', 1, 'INACTIVE');
      await index.add([task('t1')]);
      expect(await why('t1')).toBe('NO_ELIGIBLE_AGENT');
    });

    test('and counts what stands against those that are connected, each once', async () => {
      const { index, connect } = await setup();
      for (const id of ['a', 'b', 'c', 'd']) await connect(id, 1);
      for (const id of ['e', 'f', 'g']) await connect(id, 1, ['else']);
      await index.setEligibility(ORG, 'a', 1, 'DRAINING');
      await index.setEligibility(ORG, 'b', 0, 'DRAINING');
      await index.setEligibility(ORG, 'c', 1, 'INACTIVE');
      await index.setEligibility(ORG, 'd', 0.1, 'ACTIVE');
      await index.setEligibility(ORG, 'e', 1, 'DRAINING');
      await index.add([task('t1')]);
      const waiting = await index.whyWaiting({ org: ORG, taskId: 't1' });
      expect(waiting).toMatchObject({ connected: 7, eligible: 0 });
      expect(waiting?.against).toEqual([
        { what: 'CAPABILITIES', count: 3 },
        { what: 'DRAINING', count: 2 },
        { what: 'INACTIVE', count: 1 },
        { what: 'HEALTH', count: 1 },
      ]);
    });

    test('for a free slot, or for somebody who asks for work', async () => {
      const { index, connect, why } = await setup();
      await connect('full', 10);
      const ids = Array.from({ length: 11 }, (_, i) => `t${i}`);
      await index.add(ids.map((id, score) => task(id, { score })));
      await index.confirm(confirmed(await index.reserve(20)));
      expect(await index.whyWaiting({ org: ORG, taskId: 't10' })).toMatchObject({ eligible: 1, full: 1 });
      await connect('silent', 0);
      expect(await index.whyWaiting({ org: ORG, taskId: 't10' })).toMatchObject({ eligible: 2, full: 1 });
      expect(await why('t10')).toBe('ALL_BUSY');
    });

    test('says nothing of tasks it does not have, and of those of another organisation', async () => {
      const { index, why } = await setup();
      await index.add([task('t1')]);
      await index.delay([{ org: ORG, taskId: 'later', seq: nextSeq(), tier: 'NORMAL', due: 1_000 }]);
      expect([await why('none'), await why('later')]).toEqual([null, null]);
      expect(await index.whyWaiting({ org: 'other', taskId: 't1' })).toBeNull();
    });
  });
}
