import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeyLimit, limitOf } from '../../src/domain/limits/org-limits.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import { keyed, openLimited } from './ready-index-limits-world.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { connectAgent, type IndexUnderTest, nextSeq, ORG } from './ready-index-world.js';

const KEYS = ['a', 'b', 'c/1', 'c/2'] as const;

interface Step {
  readonly what: 'ADD' | 'RESERVE' | 'CONFIRM' | 'RELEASE' | 'END' | 'WAIT' | 'LIMIT' | 'ORG';
  readonly n: number;
  readonly keys: readonly string[];
  readonly band: 'HUMAN' | 'OTHER';
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    'ADD',
    'ADD',
    'RESERVE',
    'RESERVE',
    'CONFIRM',
    'RELEASE',
    'END',
    'END',
    'WAIT',
    'LIMIT',
    'ORG',
  ),
  n: fc.nat(9),
  keys: fc.subarray([...KEYS], { maxLength: 3 }),
  band: fc.constantFrom('HUMAN', 'OTHER'),
});

/** Whatever happens in whatever order, no limit is exceeded and nothing waits that could go. */
export function describeRandomLimits(name: string, open: (options?: StrategyUnderTest) => IndexUnderTest) {
  async function run(steps: readonly Step[]): Promise<void> {
    let keys: Record<string, KeyLimit> = {
      a: { maxConcurrent: 2, rate: null },
      b: { maxConcurrent: null, rate: { count: 2, periodMs: 1_000 } },
      'c/*': { maxConcurrent: 1, rate: null },
    };
    let most: number | null = null;
    let now = 0;
    const world = await openLimited(open, { keys, maxConcurrent: most });
    const { index } = world;
    await connectAgent(index, 'x', 10_000);
    const waiting = new Map<string, readonly string[]>();
    const reserved = new Map<string, Reservation>();
    const held = new Map<string, number>();
    const keysOf = new Map<string, readonly string[]>();
    const starts: { taskId: string; key: string; time: number }[] = [];
    let made = 0;

    const inUse = (key: string) =>
      [...reserved.keys(), ...held.keys()].filter((id) => keysOf.get(id)?.includes(key)).length;
    const started = (key: string, periodMs: number) =>
      starts.filter((start) => start.key === key && start.time > now - periodMs).length;
    const hasRoom = (key: string) => {
      const limit = limitOf(keys, key);
      if (!limit) return true;
      if (limit.maxConcurrent !== null && inUse(key) >= limit.maxConcurrent) return false;
      return limit.rate === null || started(key, limit.rate.periodMs) < limit.rate.count;
    };
    const mayGo = (of: readonly string[]) =>
      of.every(hasRoom) && (most === null || reserved.size + held.size < most);

    async function reserve(max: number): Promise<void> {
      const found = await index.reserve(max);
      for (const reservation of found) {
        const { taskId } = reservation;
        expect(mayGo(keysOf.get(taskId) ?? []), `${taskId} goes past a limit`).toBe(true);
        waiting.delete(taskId);
        reserved.set(taskId, reservation);
        for (const key of keysOf.get(taskId) ?? []) starts.push({ taskId, key, time: now });
      }
      if (found.length === max) return;
      const left = [...waiting].filter(([, of]) => mayGo(of)).map(([taskId]) => taskId);
      expect(left, 'could go').toEqual([]);
    }

    async function take({ what, n, keys: named, band }: Step): Promise<void> {
      const [id = '', reservation] = [...reserved][n % Math.max(1, reserved.size)] ?? [];
      const [heldId = '', epoch = 1] = [...held][n % Math.max(1, held.size)] ?? [];
      if (what === 'ADD') {
        const taskId = `t${String(made++).padStart(4, '0')}`;
        keysOf.set(taskId, named);
        waiting.set(taskId, named);
        await index.add([
          keyed(taskId, { limits: named, fairness: n < 5 ? `f${n}` : null }, { band, score: n }),
        ]);
      } else if (what === 'RESERVE') await reserve(n < 3 ? 1 : 100);
      else if (what === 'CONFIRM' && reservation) {
        reserved.delete(id);
        held.set(id, 1);
        await index.confirm([{ reservation, epoch: 1, seq: nextSeq() }]);
      } else if (what === 'RELEASE' && reservation) {
        reserved.delete(id);
        waiting.set(id, keysOf.get(id) ?? []);
        // The newest starts of it are given back.
        for (const key of keysOf.get(id) ?? []) {
          starts.splice(
            starts.findLastIndex((start) => start.taskId === id && start.key === key),
            1,
          );
        }
        await index.release([{ reservation, requeue: true }]);
      } else if (what === 'END' && heldId !== '') {
        held.delete(heldId);
        await index.freeSlots([{ org: ORG, taskId: heldId, epoch }]);
      } else if (what === 'WAIT') {
        const ms = 100 * (n + 1);
        now += ms;
        world.advance(ms);
      } else if (what === 'LIMIT') {
        keys = { ...keys, a: { maxConcurrent: 1 + (n % 4), rate: null } };
        world.change({ keys });
      } else if (what === 'ORG') {
        most = n < 5 ? n + 1 : null;
        world.change({ maxConcurrent: most });
      }
    }

    for (const one of steps) {
      // Reservations hold for five seconds; none lapses here.
      if (one.what === 'WAIT') for (const _ of [...reserved]) await take({ ...one, what: 'CONFIRM', n: 0 });
      await take(one);
    }
    most = null;
    world.change({ maxConcurrent: null });
    const isLeft = () => waiting.size + reserved.size + held.size > 0;
    for (let round = 0; isLeft() && round < 200; round += 1) {
      await reserve(100);
      for (const _ of [...reserved]) await take({ what: 'CONFIRM', n: 0, keys: [], band: 'OTHER' });
      for (const _ of [...held]) await take({ what: 'END', n: 0, keys: [], band: 'OTHER' });
      await take({ what: 'WAIT', n: 9, keys: [], band: 'OTHER' });
    }
    expect([...waiting.keys()]).toEqual([]);
    expect(await index.stats()).toMatchObject({ queued: 0, reserved: 0, inFlight: 0, lanes: 0 });
  }

  describe(`limits under random steps, in the ready index: ${name}`, () => {
    test('none is exceeded at any time, nothing waits that could go, and all get their turn', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => run(steps)),
        { numRuns: 150 },
      );
    }, 60_000);
  });
}
