import { beforeEach, describe, expect, test } from 'vitest';
import type { ReadyIndex } from '../../src/ports/ready-index.js';
import { agent, type IndexUnderTest, ORG, task } from './ready-index-world.js';

const NOW = 1_700_000_000_000;

/** What is told of a task may come in another order than it happened in. */
export function describeReadyIndexOrder(name: string, open: () => IndexUnderTest): void {
  describe(`ready index, changes out of order: ${name}`, () => {
    let index: ReadyIndex;
    let advance: (ms: number) => void;

    beforeEach(async () => {
      ({ index, advance } = open());
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held: [] });
      await index.grant('a', 10);
    });

    const t1 = (seq: number, score = seq) => task('t1', { seq, score });
    const version = (seq: number) => ({ org: ORG, taskId: 't1', seq });
    const delayed = (seq: number, due = NOW + 50) => ({ ...version(seq), tier: 'NORMAL', due }) as const;
    const claim = (epoch: number) => ({ org: ORG, taskId: 't1', epoch });
    const pop = async () => (await index.reserve(10)).map((r) => r.taskId);
    const due = async () => {
      advance(100);
      return (await index.takeDue(10)).map((t) => t.seq);
    };
    const reserve = async () => {
      const [reservation] = await index.reserve(1);
      if (!reservation) throw new Error('nothing was reserved');
      return reservation;
    };

    test('an older place does not replace a newer one', async () => {
      await index.add([t1(3, 30), task('t2', { score: 20 })]);
      await index.add([t1(2, 10)]);
      expect(await pop()).toEqual(['t2', 't1']);
    });

    test('an older removal leaves what came after it', async () => {
      await index.add([t1(3)]);
      await index.remove([version(2)]);
      expect(await pop()).toEqual(['t1']);
      await index.delay([delayed(9)]);
      await index.remove([version(8)]);
      expect(await due()).toEqual([9]);
    });

    test('what was delayed later is not ready by an earlier change, nor the other way about', async () => {
      await index.delay([delayed(3)]);
      await index.add([t1(2)]);
      expect(await pop()).toEqual([]);
      expect(await due()).toEqual([3]);
      await index.add([t1(5)]);
      await index.delay([delayed(4)]);
      expect(await due()).toEqual([]);
      expect(await pop()).toEqual(['t1']);
    });

    test('a change to delayed takes a task out of its lane, one to ready out of the delayed', async () => {
      await index.add([t1(1)]);
      await index.delay([delayed(2)]);
      expect(await pop()).toEqual([]);
      await index.add([t1(3)]);
      expect(await due()).toEqual([]);
      expect(await pop()).toEqual(['t1']);
    });

    test('a task that is ready again before its slot is free comes into its lane with that', async () => {
      await index.add([t1(1)]);
      await index.confirm([{ reservation: await reserve(), epoch: 1, seq: 2 }]);
      await index.add([t1(3)]);
      expect(await pop()).toEqual([]);
      let heard = 0;
      index.onReady(() => {
        heard += 1;
      });
      await index.freeSlots([claim(1)]);
      expect(heard).toBeGreaterThan(0);
      expect(await pop()).toEqual(['t1']);
    });

    test('one that was removed or delayed meanwhile does not', async () => {
      await index.add([t1(1)]);
      await index.confirm([{ reservation: await reserve(), epoch: 1, seq: 2 }]);
      await index.add([t1(3)]);
      await index.remove([version(4)]);
      await index.freeSlots([claim(1)]);
      expect(await pop()).toEqual([]);
    });

    test('what was true before a claim is not true after it', async () => {
      await index.add([t1(1)]);
      const reservation = await reserve();
      await index.add([t1(2)]);
      await index.confirm([{ reservation, epoch: 1, seq: 3 }]);
      await index.add([t1(2)]);
      await index.freeSlots([claim(1)]);
      expect(await pop()).toEqual([]);
    });

    test('a task that changed while it was reserved comes back as it is then', async () => {
      await index.add([t1(1, 10)]);
      const reservation = await reserve();
      await index.add([t1(2, 30), task('t2', { score: 20 })]);
      await index.release([{ reservation, requeue: true }]);
      expect(await pop()).toEqual(['t2', 't1']);
    });

    test('also if its claim was refused', async () => {
      await index.add([t1(1)]);
      const reservation = await reserve();
      await index.add([t1(4)]);
      await index.release([{ reservation, requeue: false }]);
      expect(await pop()).toEqual(['t1']);
    });

    test('a removal or delay that came while a task was reserved is not undone by its release', async () => {
      await index.add([t1(1)]);
      const reservation = await reserve();
      await index.delay([delayed(2)]);
      await index.release([{ reservation, requeue: true }]);
      expect(await pop()).toEqual([]);
      expect(await due()).toEqual([2]);
    });

    test('what waits is seen in a circle, each once a round', async () => {
      await index.add(['t1', 't2', 't3', 't4', 't5'].map((id) => task(id)));
      const seen: string[] = [];
      for (let i = 0; i < 3; i++) seen.push(...(await index.nextWaiting(2)).map((t) => t.taskId));
      expect(seen.sort()).toEqual(['t1', 't2', 't3', 't4', 't5']);
      await index.remove([{ org: ORG, taskId: 't2', seq: Number.MAX_SAFE_INTEGER }]);
      expect((await index.nextWaiting(10)).map((t) => t.taskId).sort()).toEqual(['t1', 't3', 't4', 't5']);
    });

    test('so is what is delayed, due or not', async () => {
      const ids = ['t1', 't2', 't3'];
      await index.delay(ids.map((taskId, i) => ({ ...delayed(i + 1, NOW + i * 1_000_000), taskId })));
      await index.add([task('waiting')]);
      const seen = [...(await index.nextDelayed(2)), ...(await index.nextDelayed(2))];
      expect(seen.map(({ org, taskId, seq }) => `${org} ${taskId} ${seq}`).sort()).toEqual([
        `${ORG} t1 1`,
        `${ORG} t2 2`,
        `${ORG} t3 3`,
      ]);
      await index.remove([version(1)]);
      expect((await index.nextDelayed(10)).map((t) => t.taskId).sort()).toEqual(['t2', 't3']);
    });

    test('a lease that ended before its claim was confirmed leaves no slot', async () => {
      await index.add([t1(1)]);
      const reservation = await reserve();
      await index.freeSlots([claim(1)]);
      await index.add([t1(3)]);
      await index.confirm([{ reservation, epoch: 1, seq: 2 }]);
      expect(await index.stats()).toMatchObject({ inFlight: 0, reserved: 0, queued: 1 });
    });

    test('claims that an agent speaks of on a newer session before they are confirmed count once', async () => {
      const four = ['t1', 't2', 't3', 't4'].map((id) => task(id));
      await index.add(four);
      const reservations = await index.reserve(10);
      const held = four.map(({ taskId }) => ({ org: ORG, taskId, epoch: 1 }));
      await index.dropInstance('a');
      for (const [sessionId, of] of [
        ['newer', held],
        ['another', []],
      ] as const) {
        await index.putInstance({ org: ORG, sessionId, spec: agent(sessionId), slots: 10, held: of });
        await index.grant(sessionId, 10);
      }
      await index.confirm(reservations.map((reservation) => ({ reservation, epoch: 1, seq: 2 })));
      expect(await index.stats()).toMatchObject({ inFlight: 4, reserved: 0 });
      await index.freeSlots(held);
      await index.add(['t5', 't6', 't7', 't8'].map((id) => task(id)));
      const sessions = (await index.reserve(10)).map(({ sessionId }) => sessionId);
      expect(sessions.filter((id) => id === 'newer')).toHaveLength(2);
    });

    test('a hint that was loaded replaces none of its epoch, but older ones', async () => {
      await index.hintLeases([{ ...claim(1), due: NOW + 50 }]);
      await index.hintLeases([{ ...claim(1), due: NOW + 5_000 }], 'LOADED');
      advance(100);
      expect(await index.takeDueHints(10)).toHaveLength(1);
      await index.hintLeases([{ ...claim(1), due: NOW }]);
      await index.hintLeases([{ ...claim(2), due: NOW + 5_000 }], 'LOADED');
      expect(await index.takeDueHints(10)).toEqual([]);
    });

    test('the end of an earlier lease frees nothing of a later one, and keeps its hint', async () => {
      await index.add([t1(1)]);
      await index.confirm([{ reservation: await reserve(), epoch: 2, seq: 4 }]);
      await index.hintLeases([{ ...claim(2), due: NOW }]);
      await index.freeSlots([claim(1)]);
      await index.dropHints([claim(1)]);
      expect(await index.stats()).toMatchObject({ inFlight: 1 });
      expect((await index.takeDueHints(10)).map((hint) => hint.epoch)).toEqual([2]);
      await index.freeSlots([claim(2)]);
      expect(await index.stats()).toMatchObject({ inFlight: 0 });
    });
  });
}
