import { describe, expect, test } from 'vitest';
import type { AgentSpec } from '../../src/domain/agents/agent.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { agent, claims, confirmed, type IndexUnderTest, ORG, task } from './ready-index-world.js';

/** What an index does about agents that fail. */
export function describeGuards(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  describe(`guards of the ready index: ${name}`, () => {
    function setup(options: StrategyUnderTest = {}) {
      const opened = open(options);
      const { index } = opened;
      let count = 0;
      const granted = new Map<string, number>();
      const grant = (sessionId: string, more: number) => {
        granted.set(sessionId, (granted.get(sessionId) ?? 0) + more);
        return index.grant(sessionId, granted.get(sessionId) ?? 0);
      };
      return {
        ...opened,
        async connect(agentId: string, credit = 10, over: Partial<AgentSpec> = {}) {
          const spec = agent(agentId, over);
          await index.putInstance({ org: ORG, sessionId: agentId, spec, slots: 10, held: [] });
          await grant(agentId, credit);
        },
        async add(n: number, capabilities = ['work']) {
          const ids = Array.from({ length: n }, () => `t${String(++count).padStart(6, '0')}`);
          await index.add(ids.map((id) => task(id, {}, capabilities)));
        },
        async pop(max = 100) {
          const given = await index.reserve(max);
          await index.confirm(confirmed(given));
          return given;
        },
        async end(given: readonly Reservation[], outcome: 'SUCCEEDED' | 'FAILED') {
          await index.recordAttempts(given.map(({ org, taskId }) => ({ org, taskId, outcome })));
          await index.freeSlots(claims(given));
          for (const { sessionId } of given) await grant(sessionId, 1);
        },
      };
    }

    const by = (given: readonly Reservation[], agentId: string) => given.filter((r) => r.agentId === agentId);
    const agentsOf = (given: readonly Reservation[]) => [...new Set(given.map((r) => r.agentId))].sort();

    /** `bad` fails three tasks while the others do theirs. */
    async function withOneHeld(options: StrategyUnderTest = {}) {
      const world = setup(options);
      for (const id of ['bad', 'good', 'better']) await world.connect(id);
      await world.add(9);
      const given = await world.pop();
      for (const id of ['good', 'better']) await world.end(by(given, id), 'SUCCEEDED');
      await world.end(by(given, 'bad'), 'FAILED');
      return world;
    }

    test('a task that only an agent could get that is held back says so', async () => {
      const { index, add, pop } = await withOneHeld();
      await add(60);
      const popped = new Set((await pop()).map((r) => r.taskId));
      const left = Array.from({ length: 69 }, (_, i) => `t${String(i + 1).padStart(6, '0')}`).slice(9);
      const [waiting = ''] = left.filter((taskId) => !popped.has(taskId));
      expect((await index.whyWaiting({ org: ORG, taskId: waiting }))?.why).toBe('HELD_BACK');
    });

    test('an agent that fails where others succeed is held back, though it is the least loaded', async () => {
      const { add, pop } = await withOneHeld();
      await add(20);
      expect(agentsOf(await pop())).toEqual(['better', 'good']);
    });

    test('a task waits for those who succeed, rather than going to one that is held back', async () => {
      const { index, add, pop, end } = await withOneHeld();
      await add(30);
      const given = await pop();
      expect(given).toHaveLength(20);
      expect(await index.stats()).toMatchObject({ queued: 10, parkedLanes: 1 });
      await end(given, 'SUCCEEDED');
      expect(agentsOf(await pop())).toEqual(['better', 'good']);
    });

    test('it is held back for that kind only', async () => {
      const world = setup();
      const over = { capabilities: ['work', 'read'] };
      for (const id of ['bad', 'good']) await world.connect(id, 10, over);
      await world.add(8);
      const given = await world.pop();
      await world.end(by(given, 'good'), 'SUCCEEDED');
      await world.end(by(given, 'bad'), 'FAILED');
      await world.add(4, ['read']);
      expect(agentsOf(await world.pop())).toEqual(['bad', 'good']);
      await world.add(4);
      expect(agentsOf(await world.pop())).toEqual(['good']);
    });

    test('after the hold it gets one task; if that fails the next comes later, at last each minute', async () => {
      const { add, pop, end, advance } = await withOneHeld();
      const waits: number[] = [];
      for (let probe = 0; probe < 9; probe += 1) {
        let waited = 0;
        for (;;) {
          advance(500);
          waited += 500;
          await add(10);
          const given = await pop();
          await end(
            given.filter((r) => r.agentId !== 'bad'),
            'SUCCEEDED',
          );
          const probes = by(given, 'bad');
          if (probes.length === 0) continue;
          expect(probes).toHaveLength(1);
          await end(probes, 'FAILED');
          break;
        }
        waits.push(waited);
      }
      expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    });

    test('a probe that succeeds ends it', async () => {
      const { add, pop, end, advance } = await withOneHeld();
      advance(1_000);
      await add(9);
      const given = await pop();
      expect(by(given, 'bad')).toHaveLength(1);
      await end(given, 'SUCCEEDED');
      await add(9);
      expect(by(await pop(), 'bad')).toHaveLength(3);
    });

    test('a probe that never ends is followed by another after a minute', async () => {
      const { add, pop, end, advance } = await withOneHeld();
      advance(1_000);
      await add(9);
      await end(
        (await pop()).filter((r) => r.agentId !== 'bad'),
        'SUCCEEDED',
      );
      advance(59_000);
      await add(9);
      const given = await pop();
      expect(agentsOf(given)).toEqual(['better', 'good']);
      await end(given, 'SUCCEEDED');
      advance(1_001);
      await add(9);
      expect(by(await pop(), 'bad')).toHaveLength(1);
    });

    test('the end of a hold is heard of by whoever waits for ready tasks', async () => {
      const { index, add, pop, advance } = await withOneHeld();
      await add(30);
      await pop();
      let heard = 0;
      index.onReady(() => {
        heard += 1;
      });
      advance(999);
      expect(heard).toBe(0);
      advance(2);
      expect(heard).toBeGreaterThan(0);
      expect(agentsOf(await pop())).toEqual(['bad']);
    });

    test('it serves after all once nobody else could', async () => {
      const { index, add, pop } = await withOneHeld();
      await index.dropInstance('good');
      await add(2);
      expect(agentsOf(await pop())).toEqual(['better']);
      await index.dropInstance('better');
      await add(2);
      expect(agentsOf(await pop())).toEqual(['bad']);
    });

    test('failures that another agent repeats on the same task count against neither', async () => {
      const world = setup();
      await world.connect('a', 20);
      await world.add(8);
      await world.end(await world.pop(), 'SUCCEEDED');
      await world.connect('b', 20);
      await world.add(6);
      const first = await world.pop();
      const [ofA, ofB] = [by(first, 'a'), by(first, 'b')];
      expect([ofA.length, ofB.length]).toEqual([3, 3]);
      await world.end(ofB, 'FAILED');
      await world.end(ofA, 'SUCCEEDED');
      await world.index.add(ofB.map((r) => task(r.taskId, { lastAgentId: 'b' })));
      const again = await world.pop();
      expect(agentsOf(again)).toEqual(['a']);
      await world.end(again, 'FAILED');
      await world.add(6);
      expect(agentsOf(await world.pop())).toEqual(['a', 'b']);
    });

    test('when most agents fail a kind, none is held, and it is said once', async () => {
      const said: object[] = [];
      const world = setup({ log: { warn: (fields) => void said.push(fields) } });
      for (const id of ['a', 'b', 'c']) await world.connect(id);
      await world.add(9);
      const given = await world.pop();
      await world.end(given, 'SUCCEEDED');
      for (let round = 0; round < 3; round += 1) {
        await world.add(9);
        const bad = await world.pop();
        await world.end(by(bad, 'a'), 'FAILED');
        await world.end(by(bad, 'b'), 'FAILED');
        await world.end(by(bad, 'c'), 'SUCCEEDED');
      }
      expect(said).toEqual([{ org: ORG, kind: 'work', agents: 3, failing: 2 }]);
      await world.add(9);
      expect(agentsOf(await world.pop())).toEqual(['a', 'b', 'c']);
    });

    test('an agent that fails before any other has ended anything says nothing of the kind', async () => {
      const said: object[] = [];
      const world = setup({ log: { warn: (fields) => void said.push(fields) } });
      for (const id of ['bad', 'good']) await world.connect(id);
      await world.add(10);
      const given = await world.pop();
      await world.end(by(given, 'bad'), 'FAILED');
      await world.end(by(given, 'good'), 'SUCCEEDED');
      expect(said).toEqual([]);
      await world.add(10);
      const next = await world.pop();
      await world.end(by(next, 'bad'), 'FAILED');
      await world.add(4);
      expect(agentsOf(await world.pop())).toEqual(['good']);
    });

    test('a retry goes to another agent, even if it has to wait for one', async () => {
      const { index, connect, pop } = setup();
      await connect('a', 5);
      await connect('b', 0);
      await index.add([task('t1', { lastAgentId: 'a' }), task('t2')]);
      expect((await pop()).map((r) => [r.taskId, r.agentId])).toEqual([['t2', 'a']]);
      await index.grant('b', 1);
      expect((await pop()).map((r) => [r.taskId, r.agentId])).toEqual([['t1', 'b']]);
    });

    test('a retry goes to the same agent if there is no other, or the other takes nothing for 5 s', async () => {
      const { index, connect, pop, advance } = setup();
      await connect('a', 5);
      await index.add([task('t1', { lastAgentId: 'a' })]);
      expect((await pop()).map((r) => r.taskId)).toEqual(['t1']);
      await connect('b', 0);
      await index.add([task('t2', { lastAgentId: 'a' })]);
      advance(4_999);
      expect(await pop()).toEqual([]);
      let heard = 0;
      index.onReady(() => {
        heard += 1;
      });
      advance(1);
      expect(heard).toBeGreaterThan(0);
      expect((await pop()).map((r) => [r.taskId, r.agentId])).toEqual([['t2', 'a']]);
      expect(await index.stats()).toMatchObject({ queued: 0, lanes: 0 });
    });

    test('a retry whose other agent leaves goes to the same one', async () => {
      const { index, connect, pop } = setup();
      await connect('a', 5);
      await connect('b', 0);
      await index.add([task('t1', { lastAgentId: 'a' })]);
      expect(await pop()).toEqual([]);
      await index.dropInstance('b');
      expect((await pop()).map((r) => r.agentId)).toEqual(['a']);
    });
  });
}
