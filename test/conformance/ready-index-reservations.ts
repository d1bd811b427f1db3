import { beforeEach, describe, expect, test } from 'vitest';
import type { ReadyIndex, Reservation } from '../../src/ports/ready-index.js';
import { type ConnectArgs, confirmed, connectAgent, type IndexUnderTest, task } from './ready-index-world.js';

/** Tasks on their way to an agent: released, lapsed, and new ones that were never in a lane. */
export function describeReservations(name: string, open: () => IndexUnderTest): void {
  describe(`ready index, reservations: ${name}`, () => {
    let index: ReadyIndex;
    let advance: (ms: number) => void;

    beforeEach(() => {
      ({ index, advance } = open());
    });

    const connect = (...args: ConnectArgs) => connectAgent(index, ...args);

    async function pop(max = 100): Promise<readonly string[]> {
      return (await index.reserve(max)).map((r) => r.taskId);
    }

    test('a released task is back at its old place, and the credit with it', async () => {
      await connect('a', 1);
      await index.add([task('t1', { score: 1 }), task('t2', { score: 2 })]);
      const [reservation] = (await index.reserve(1)) as [Reservation];
      await index.release([{ reservation, requeue: true }]);
      expect(await pop()).toEqual(['t1']);
    });

    test('a released task that is not to be had any more is dropped', async () => {
      await connect('a', 1);
      await index.add([task('t1', { score: 1 }), task('t2', { score: 2 })]);
      const [reservation] = (await index.reserve(1)) as [Reservation];
      await index.release([{ reservation, requeue: false }]);
      expect(await pop()).toEqual(['t2']);
    });

    test('a reservation that nobody confirms lapses', async () => {
      await connect('a', 1);
      await index.add([task('t1')]);
      expect(await pop()).toEqual(['t1']);
      advance(4_999);
      expect(await pop()).toEqual([]);
      advance(1);
      expect(await pop()).toEqual(['t1']);
    });

    test('what becomes of a lapsed reservation is no matter of the next one', async () => {
      await connect('a', 1);
      await index.add([task('t1')]);
      const late = await index.reserve(1);
      advance(6_000);
      const [next] = await index.reserve(1);
      expect(next?.taskId).toBe('t1');
      await index.confirm(confirmed(late));
      await index.release(late.map((reservation) => ({ reservation, requeue: false })));
      expect(await index.stats()).toMatchObject({ reserved: 1, inFlight: 0 });
      await index.confirm(confirmed([next]));
      expect(await index.stats()).toMatchObject({ reserved: 0, inFlight: 1 });
      await index.add([task('t2')]);
      expect(await pop()).toEqual([]);
    });

    test('a new task goes straight to a free agent, and takes its credit', async () => {
      await connect('a', 2);
      const [r, none] = await index.reserveNew([task('t1'), task('t2', {}, ['read'])]);
      expect(r).toMatchObject({ taskId: 't1', agentId: 'a', sessionId: 'a' });
      expect(none).toBeNull();
      expect(await index.stats()).toMatchObject({ queued: 0, reserved: 1 });
      await index.confirm(confirmed([r]));
      expect(await index.stats()).toMatchObject({ reserved: 0, inFlight: 1 });
      expect((await index.reserveNew([task('t3'), task('t4')])).map((x) => x?.taskId)).toEqual([
        't3',
        undefined,
      ]);
    });

    test('the first of the new in order gets the last credit', async () => {
      await connect('a', 2);
      const fresh = [task('late', { score: 9 }), task('human', { score: 99, band: 'HUMAN' }), task('early')];
      const reserved = await index.reserveNew(fresh.map((t) => ({ ...t, score: t.score })));
      expect(reserved.map((r) => r?.taskId)).toEqual(['late', 'human', undefined]);
    });

    test('a new task does not go before one that waits', async () => {
      await index.add([task('waiting', { score: 5 })]);
      await connect('a', 2);
      expect(await index.reserveNew([task('later', { score: 6 })])).toEqual([null]);
      const reserved = await index.reserveNew([task('urgent', { score: 4 })]);
      expect(reserved.map((r) => r?.taskId)).toEqual(['urgent']);
      expect(await pop()).toEqual(['waiting']);
    });

    test('a new task that did not come to be is dropped, and its credit given back', async () => {
      await connect('a', 1);
      const [released] = await index.reserveNew([task('t1')]);
      if (released) await index.release([{ reservation: released, requeue: false }]);
      expect((await index.reserveNew([task('t2')])).map((r) => r?.taskId)).toEqual(['t2']);
      advance(6_000);
      expect((await index.reserveNew([task('t3')])).map((r) => r?.taskId)).toEqual(['t3']);
      expect(await index.stats()).toMatchObject({ queued: 0, reserved: 1 });
    });
  });
}
