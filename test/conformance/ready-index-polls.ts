import { beforeEach, describe, expect, test } from 'vitest';
import type { ReadyIndex } from '../../src/ports/ready-index.js';
import { agent, confirmed, type IndexUnderTest, ORG, task } from './ready-index-world.js';

/** What an index does for agents that ask call by call. */
export function describePolls(name: string, open: () => IndexUnderTest): void {
  describe(`credit of the ready index that is taken back: ${name}`, () => {
    let index: ReadyIndex;

    beforeEach(async () => {
      ({ index } = open());
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 10, held: [] });
    });

    test('nothing goes to an instance whose credit was withdrawn, until it is granted anew', async () => {
      await index.grant('a', 3);
      await index.add([task('t1')]);
      await index.confirm(confirmed(await index.reserve(10)));
      expect(await index.withdraw('a')).toBe(0);
      await index.add([task('t2'), task('t3')]);
      expect(await index.reserve(10)).toEqual([]);
      expect(await index.reserveNew([task('t0', { score: 1 })])).toEqual([null]);
      await index.grant('a', 2);
      expect((await index.reserve(10)).map((r) => r.taskId)).toEqual(['t2']);
    });

    test('says how many reservations are on their way, and gives back no credit for those that fail', async () => {
      await index.grant('a', 2);
      await index.add([task('t1'), task('t2')]);
      const [first, second] = await index.reserve(10);
      expect(await index.withdraw('a')).toBe(2);
      await index.confirm(confirmed([first]));
      expect(await index.withdraw('a')).toBe(1);
      if (second) await index.release([{ reservation: second, requeue: true }]);
      expect(await index.withdraw('a')).toBe(0);
      expect(await index.reserve(10)).toEqual([]);
    });

    test('reservations bear the name of the call that asked', async () => {
      await index.grant('a', 1, 'call-1');
      await index.add([task('t1'), task('t2')]);
      expect((await index.reserve(10)).map((r) => r.requestId)).toEqual(['call-1']);
      await index.grant('a', 2, 'call-2');
      expect((await index.reserve(10)).map((r) => r.requestId)).toEqual(['call-2']);
      await index.grant('a', 3);
      expect((await index.reserveNew([task('t3')])).map((r) => r?.requestId)).toEqual([null]);
    });

    test('an unknown instance has none', async () => {
      expect(await index.withdraw('nobody')).toBe(0);
    });
  });
}
