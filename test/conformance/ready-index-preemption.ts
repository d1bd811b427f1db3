import { describe, expect, test } from 'vitest';
import type { ReadyTask } from '../../src/ports/ready-index.js';
import { openLimited } from './ready-index-limits-world.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { agent, type IndexUnderTest, nextSeq, ORG, task } from './ready-index-world.js';

const WORK = new Set(['work']);

/** Whom people's tasks that wait have sent back. */
export function describePreemption(
  name: string,
  open: (options?: StrategyUnderTest) => IndexUnderTest,
): void {
  describe(`preemption for people: ${name}`, () => {
    /** Agents of one slot each, with a LOW task each that was begun one after the other. */
    async function setup(
      agentIds: readonly string[],
      over: { restShare?: number; tasks?: Partial<ReadyTask> } = {},
    ) {
      const w = await openLimited(
        open,
        {},
        { ...(over.restShare !== undefined && { restShare: over.restShare }) },
      );
      for (const agentId of agentIds) {
        await connect(w.index, agentId);
        await w.index.add([task(`on-${agentId}`, { tier: 'LOW', ...over.tasks })]);
        expect(await w.start()).toEqual([`on-${agentId}`]);
        w.advance(1_000);
      }
      let granted = 1;
      return {
        ...w,
        ask: (...ids: readonly string[]) => w.index.add(ids.map((id, i) => person(id, { score: 1_000 + i }))),
        /** Each victim, and whom it is for. */
        victims: async (kinds = WORK, max = 100) =>
          (await w.index.takeVictims(ORG, { kinds, max, graceMs: 5_000 })).map(
            (one) => `${one.taskId} for ${one.forTaskId}`,
          ),
        /** Its task has ended, and it asks for another. */
        async frees(agentId: string) {
          await w.end(`on-${agentId}`);
          granted += 1;
          await w.index.grant(agentId, granted);
        },
      };
    }

    const connect = async (index: IndexUnderTest['index'], agentId: string, slots = 1) => {
      await index.putInstance({ org: ORG, sessionId: agentId, spec: agent(agentId), slots, held: [] });
      await index.grant(agentId, slots);
    };
    const person = (taskId: string, over: Partial<ReadyTask> = {}) =>
      task(taskId, { band: 'HUMAN', ...over });

    test('the youngest is sent back for each that waits, and one only', async () => {
      const w = await setup(['a', 'b', 'c']);
      await w.ask('p1', 'p2');
      expect(await w.index.takeVictims(ORG, { kinds: WORK, max: 100, graceMs: 5_000 })).toEqual([
        { org: ORG, taskId: 'on-c', epoch: 1, agentId: 'c', sessionId: 'c', forTaskId: 'p1' },
        { org: ORG, taskId: 'on-b', epoch: 1, agentId: 'b', sessionId: 'b', forTaskId: 'p2' },
      ]);
      expect(await w.victims()).toEqual([]);
      await w.ask('p1', 'p2', 'p3', 'p4');
      expect(await w.victims()).toEqual(['on-a for p3']);
    });

    test('no more are taken than asked for', async () => {
      const w = await setup(['a', 'b']);
      await w.ask('p1', 'p2');
      expect(await w.victims(WORK, 1)).toEqual(['on-b for p1']);
    });

    test('nobody is sent back for who does not wait, or is no person', async () => {
      const w = await setup(['a']);
      expect(await w.victims()).toEqual([]);
      await w.index.add([task('other', { tier: 'CRITICAL' })]);
      expect(await w.victims()).toEqual([]);
    });

    test('nor while an agent has room, even if it asks for nothing now', async () => {
      const w = await setup(['a']);
      await w.index.putInstance({ org: ORG, sessionId: 'b', spec: agent('b'), slots: 1, held: [] });
      await w.ask('p1');
      expect(await w.victims()).toEqual([]);
      await w.index.dropInstance('b');
      expect(await w.victims()).toEqual(['on-a for p1']);
    });

    test('nor where nobody could do it, or what waits is held', async () => {
      const w = await setup(['a']);
      await w.index.add([person('elsewhere', { kind: 'rare' })]);
      await w.index.hold(ORG, { kind: 'rare', tier: null }, 'pause');
      expect(await w.victims()).toEqual([]);
      await w.index.unhold(ORG, 'pause');
      expect(await w.victims()).toEqual(['on-a for elsewhere']);
      await w.index.remove([{ org: ORG, taskId: 'elsewhere', seq: nextSeq() }]);
      await w.index.add([task('alien', { band: 'HUMAN' }, ['fly'])]);
      expect(await w.victims()).toEqual([]);
    });

    test('only LOW tasks of the kinds that are named', async () => {
      const w = await setup(['a'], { tasks: { tier: 'NORMAL' } });
      await w.ask('p1');
      expect(await w.victims()).toEqual([]);
      const other = await setup(['a']);
      await other.ask('p1');
      expect(await other.victims(new Set(['digest']))).toEqual([]);
      expect(await other.victims(new Set(['digest', 'work']))).toEqual(['on-a for p1']);
    });

    test("not people's own, whatever their tier", async () => {
      const w = await setup(['a', 'b'], { tasks: { band: 'HUMAN' } });
      await w.ask('p1');
      expect(await w.victims()).toEqual([]);
    });

    test('only on an agent that could do what waits', async () => {
      const w = await setup(['a']);
      await w.index.putInstance({
        ...{ org: ORG, sessionId: 'other', slots: 1, held: [] },
        spec: agent('other', { capabilities: ['fly'] }),
      });
      await w.index.grant('other', 1);
      await w.index.add([task('flying', { tier: 'LOW', kind: 'work', score: 1 }, ['fly'])]);
      await w.start();
      w.advance(1_000);
      await w.ask('p1');
      expect(await w.victims(new Set(['work', 'fly']))).toEqual(['on-a for p1']);
    });

    test('once the slot is free the waiting task has it, and no more is sent back', async () => {
      const w = await setup(['a', 'b']);
      await w.ask('p1');
      expect(await w.victims()).toEqual(['on-b for p1']);
      await w.end('on-b');
      expect(await w.victims()).toEqual([]);
      await w.index.grant('b', 2);
      expect(await w.start()).toEqual(['p1']);
      expect(await w.victims()).toEqual([]);
      await w.ask('p2');
      expect(await w.victims()).toEqual(['on-a for p2']);
    });

    test('one that is on its way back for a task that has its slot already is for the next', async () => {
      const w = await setup(['a', 'b', 'c']);
      await w.ask('p1');
      expect(await w.victims()).toEqual(['on-c for p1']);
      await w.frees('a');
      expect(await w.start()).toEqual(['p1']);
      await w.ask('p2');
      expect(await w.victims()).toEqual([]);
      expect((await w.index.place({ org: ORG, taskId: 'p2' }))?.victim).toBe('on-c');
    });

    test('in place of one that was refused another is sent back, and it is asked for again after 30 s', async () => {
      const w = await setup(['a', 'b']);
      await w.ask('p1');
      const victims = await w.index.takeVictims(ORG, { kinds: WORK, max: 1, graceMs: 5_000 });
      await w.index.refuseVictims(ORG, victims);
      expect(await w.victims()).toEqual(['on-a for p1']);
      await w.ask('p2');
      expect(await w.victims()).toEqual([]);
      w.advance(30_001);
      expect(await w.victims()).toEqual(['on-b for p2']);
      w.advance(5_000);
      // Nobody has sent the other back.
      expect(await w.victims()).toEqual([]);
      w.advance(30_001);
      expect(await w.victims()).toEqual(['on-a for p1']);
    });

    test('of a task that waits it is told which is sent back for it', async () => {
      const w = await setup(['a']);
      await w.ask('p1', 'p2');
      const victimOf = async (taskId: string) => (await w.index.place({ org: ORG, taskId }))?.victim;
      expect(await victimOf('p1')).toBe(null);
      await w.victims();
      expect([await victimOf('p1'), await victimOf('p2')]).toEqual(['on-a', null]);
    });

    test('a waiting task that is gone needs no slot', async () => {
      const w = await setup(['a', 'b']);
      await w.ask('p1');
      await w.victims();
      await w.index.remove([{ org: ORG, taskId: 'p1', seq: nextSeq() }]);
      await w.ask('p2');
      expect(await w.victims()).toEqual([]);
      await w.ask('p2', 'p3');
      expect(await w.victims()).toEqual(['on-a for p3']);
    });

    test('what has its slot on the share of the rest keeps it', async () => {
      const w = await setup(['a'], { restShare: 0.5 });
      await w.frees('a');
      // Of two that contend people's goes first, and the rest is owed its share then.
      await w.ask('p1');
      await w.index.add([task('l1', { tier: 'LOW' })]);
      expect(await w.start()).toEqual(['p1']);
      await w.ask('p2');
      w.advance(1_000);
      await w.end('p1');
      await w.index.grant('a', 3);
      expect(await w.start()).toEqual(['l1']);
      expect(await w.victims()).toEqual([]);
    });

    test('while the rest is owed its share one keeps its slot for that, and the next is sent back', async () => {
      const w = await setup(['a', 'b', 'c'], { restShare: 0.2 });
      await w.ask('p1');
      await w.index.add([task('l1', { tier: 'LOW', kind: 'other' })]);
      await w.frees('a');
      // 60 s went to people while the rest had something to do: it is owed.
      expect(await w.start()).toEqual(['p1']);
      await w.ask('p2', 'p3');
      expect(await w.victims()).toEqual(['on-b for p2']);
      // That one counts as on the share from now on: it is nobody's.
      expect(await w.victims()).toEqual([]);
    });
  });
}
