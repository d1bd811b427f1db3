import fc from 'fast-check';
import { v7 } from 'uuid';
import { beforeEach, describe, expect, test } from 'vitest';
import { WHOLE_QUEUE } from '../../src/domain/queues/queue-part.js';
import { TIER_AGING, TIERS } from '../../src/domain/tasks/tier.js';
import type { ReadyIndex, ReadyTask } from '../../src/ports/ready-index.js';
import { agent, claims, confirmed, type IndexUnderTest, nextSeq, ORG, task } from './ready-index-world.js';

const LOW = { tier: 'LOW', kind: null } as const;
const READ = { tier: null, kind: 'read' } as const;

/** What an index does where parts of the queue are held, and what it tells of the queue. */
export function describeHolds(name: string, open: () => IndexUnderTest): void {
  describe(`holds of the ready index: ${name}`, () => {
    let index: ReadyIndex;
    let advance: (ms: number) => void;

    beforeEach(async () => {
      ({ index, advance } = open());
      await connect('a');
    });

    async function connect(agentId: string, org = ORG, credit = 100) {
      const spec = agent(agentId, { capabilities: ['work', 'read'] });
      await index.putInstance({ org, sessionId: agentId, spec, slots: 100, held: [] });
      await index.grant(agentId, credit);
    }
    const pop = async (max = 100) => (await index.reserve(max)).map((r) => r.taskId);
    const low = (id: string, over: Partial<ReadyTask> = {}) => task(id, { tier: 'LOW', ...over });

    test('nothing of a held part is reserved, the rest goes on; after the hold it is', async () => {
      await index.add([low('l1'), task('n1')]);
      await index.hold(ORG, LOW, 'pause');
      await index.add([low('l2'), task('n2')]);
      expect(await pop()).toEqual(['n1', 'n2']);
      await index.unhold(ORG, 'pause');
      expect(await pop()).toEqual(['l1', 'l2']);
    });

    test('a kind, a tier of a kind, or everything can be held', async () => {
      const all = () => [task('w'), low('wl'), task('r', {}, ['read']), low('rl', { kind: 'read' })];
      const left = async (part: Parameters<ReadyIndex['hold']>[1]) => {
        ({ index } = open());
        await connect('a');
        await index.add(all());
        await index.hold(ORG, part, 'h');
        return (await pop()).sort();
      };
      expect(await left(READ)).toEqual(['w', 'wl']);
      expect(await left({ tier: 'LOW', kind: 'read' })).toEqual(['r', 'w', 'wl']);
      expect(await left(WHOLE_QUEUE)).toEqual([]);
    });

    test('what is submitted into a held part is not born assigned, and holds up nobody else', async () => {
      await index.hold(ORG, LOW, 'h');
      await index.add([low('l1', { score: 1 })]);
      const reservations = await index.reserveNew([low('l2'), task('n1')]);
      expect(reservations.map((r) => r?.taskId)).toEqual([undefined, 'n1']);
    });

    test('a part may have several holds, and is free when the last has ended', async () => {
      await index.add([low('l1')]);
      await index.hold(ORG, LOW, 'pause');
      await index.hold(ORG, WHOLE_QUEUE, 'clear');
      await index.hold(ORG, WHOLE_QUEUE, 'clear');
      await index.unhold(ORG, 'clear');
      expect(await pop()).toEqual([]);
      await index.unhold(ORG, 'unknown');
      await index.unhold(ORG, 'pause');
      expect(await pop()).toEqual(['l1']);
    });

    test('a hold concerns its organisation only', async () => {
      await connect('b', 'other');
      await index.hold('other', WHOLE_QUEUE, 'h');
      await index.add([task('mine'), task('theirs', { org: 'other' })]);
      expect(await pop()).toEqual(['mine']);
    });

    test('what was reserved before goes back into the held part, by release or by lapse', async () => {
      await index.add([low('l1'), low('l2')]);
      const [first] = await index.reserve(2);
      await index.hold(ORG, LOW, 'h');
      await index.release(first ? [{ reservation: first, requeue: true }] : []);
      advance(6_000);
      expect(await pop()).toEqual([]);
      await index.unhold(ORG, 'h');
      expect(await pop()).toEqual(['l1', 'l2']);
    });

    test('says that there is something to do when a hold ends', async () => {
      await index.add([low('l1')]);
      await index.hold(ORG, LOW, 'h');
      let told = 0;
      index.onReady(() => {
        told += 1;
      });
      await index.unhold(ORG, 'nothing');
      expect(told).toBe(0);
      await index.unhold(ORG, 'h');
      expect(told).toBe(1);
    });

    test('retries that wait for another agent are held too', async () => {
      await connect('b');
      await index.hold(ORG, READ, 'h');
      await index.add([task('r1', { lastAgentId: 'a' }, ['read'])]);
      advance(10_000);
      expect(await pop()).toEqual([]);
    });

    test('any mix of holds lets out exactly what no hold covers, in order', async () => {
      const tier = fc.constantFrom(...TIERS);
      const kind = fc.constantFrom('work', 'read');
      const part = fc.record({ tier: fc.option(tier), kind: fc.option(kind) });
      const item = fc.record({ tier, kind, score: fc.nat(9) });
      const items = fc.array(item, { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(items, fc.array(part, { maxLength: 4 }), async (specs, parts) => {
          ({ index } = open());
          await connect('a');
          const tasks = specs.map((over, i) => task(String(i).padStart(2, '0'), over, [over.kind]));
          const half = tasks.length >> 1;
          await index.add(tasks.slice(0, half));
          for (const [i, p] of parts.entries()) await index.hold(ORG, p, `h${i}`);
          await index.add(tasks.slice(half));
          const isHeld = (t: ReadyTask) =>
            parts.some((p) => (p.tier ?? t.tier) === t.tier && (p.kind ?? t.kind) === t.kind);
          const sorted = [...tasks].sort((x, y) => x.score - y.score || (x.taskId < y.taskId ? -1 : 1));
          const ids = (wanted: boolean) => sorted.filter((t) => isHeld(t) === wanted).map((t) => t.taskId);
          const peeked = await index.peekQueue(ORG, WHOLE_QUEUE, 100);
          expect(peeked.map((t) => t.taskId)).toEqual(sorted.map((t) => t.taskId));
          expect(peeked.filter((t) => t.held).map((t) => t.taskId)).toEqual(ids(true));
          expect(await pop()).toEqual(ids(false));
          for (const [i] of parts.entries()) await index.unhold(ORG, `h${i}`);
          expect(await pop()).toEqual(ids(true));
        }),
        { numRuns: 60 },
      );
    });
  });

  describe(`what the ready index tells of the queue: ${name}`, () => {
    let index: ReadyIndex;
    let advance: (ms: number) => void;

    beforeEach(() => {
      ({ index, advance } = open());
    });

    async function connect(credit: number) {
      await index.putInstance({ org: ORG, sessionId: 'a', spec: agent('a'), slots: 100, held: [] });
      await index.grant('a', credit);
    }
    const tierOf = async (tier: string, org: string | null = ORG) =>
      (await index.queueSizes(org, WHOLE_QUEUE, TIER_AGING)).tiers.find((t) => t.tier === tier);

    test('sizes by tier: waiting, delayed, reserved, held, the oldest', async () => {
      await index.add([task('n1', { score: 7 }), task('n2', { score: 5 }), task('u1', { tier: 'URGENT' })]);
      await index.add([task('o1', { org: 'other' })]);
      await index.delay([{ org: ORG, taskId: 'd1', seq: nextSeq(), tier: 'NORMAL', due: 1_700_000_000_050 }]);
      expect(await tierOf('NORMAL')).toMatchObject({
        waiting: 2,
        delayed: 1,
        held: 0,
        waitingSince: 5 + TIER_AGING.NORMAL,
      });
      expect(await tierOf('NORMAL', null)).toMatchObject({ waiting: 3, delayed: 1 });
      expect(await tierOf('LOW')).toMatchObject({ waiting: 0, waitingSince: null });
      await index.hold(ORG, { tier: 'NORMAL', kind: null }, 'h');
      expect(await tierOf('NORMAL')).toMatchObject({ waiting: 2, held: 2 });
      await connect(1);
      await index.reserve(5);
      expect(await tierOf('URGENT')).toMatchObject({ waiting: 0, reserved: 1 });
      advance(60);
      await index.takeDue(1);
      await index.remove([{ org: ORG, taskId: 'n1', seq: nextSeq() }]);
      expect(await tierOf('NORMAL')).toMatchObject({ waiting: 1, delayed: 0 });
      const { tiers } = await index.queueSizes(ORG, { tier: 'URGENT', kind: null }, TIER_AGING);
      expect(tiers.filter((t) => t.waiting + t.delayed + t.reserved > 0).map((t) => t.tier)).toEqual([
        'URGENT',
      ]);
    });

    test('whoever inherited its place has waited since its creation at most, and hides nobody', async () => {
      const now = 1_700_000_000_000;
      const low = (ago: number, score = now - ago) => {
        const taskId = v7({ msecs: now - ago });
        return task(taskId, { tier: 'LOW', score });
      };
      // An own score: since it was runnable, which may be after its creation.
      await index.add([low(5_000, now - 3_000)]);
      expect(await tierOf('LOW')).toMatchObject({ waitingSince: now - 3_000 });
      await index.add(Array.from({ length: 20 }, (_, i) => low(i, now - TIER_AGING.CRITICAL - i)));
      expect(await tierOf('LOW')).toMatchObject({ waitingSince: now - 3_000 });
      await index.add([low(9_000, now - TIER_AGING.CRITICAL)]);
      expect(await tierOf('LOW')).toMatchObject({ waitingSince: now - 9_000 });
      const { lanes } = await index.queueSizes(ORG, WHOLE_QUEUE, TIER_AGING);
      expect(lanes).toMatchObject([{ waitingSince: now - 9_000 }]);
    });

    test('whoever stands back because it takes long has waited as long as others, by its kind', async () => {
      const now = 1_700_000_000_000;
      const hour = 3_600_000;
      const back = (org: string, kind: string) => (org === ORG && kind === 'work' ? 2 * hour : 0);
      const stoodBack = async (org: string | null) => {
        const { tiers, lanes } = await index.queueSizes(org, WHOLE_QUEUE, TIER_AGING, back);
        return { tier: tiers.find(({ tier }) => tier === 'LOW')?.waitingSince, lanes };
      };
      // It became runnable a minute after its creation.
      await index.add([task(v7({ msecs: now - 120_000 }), { tier: 'LOW', score: now - 60_000 + 2 * hour })]);
      expect((await stoodBack(ORG)).tier).toBe(now - 60_000);
      expect((await stoodBack(null)).tier).toBe(now - 60_000);
      // One that stood back less when it was submitted: it was not there before its creation.
      await index.add([task(v7({ msecs: now - 70_000 }), { tier: 'LOW', score: now - 70_000 + hour })]);
      expect((await stoodBack(ORG)).tier).toBe(now - 70_000);
      // Another kind.
      await index.add([task(v7({ msecs: now }), { tier: 'LOW', score: now }, ['read'])]);
      const { lanes } = await stoodBack(ORG);
      expect(lanes.map(({ kind, waitingSince }) => [kind, waitingSince]).sort()).toEqual([
        ['read', now],
        ['work', now - 70_000],
      ]);
    });

    test('sizes by lane: kind, tier and requirements; retries elsewhere and people are in the same', async () => {
      await index.add([task('w1'), task('w2', { band: 'HUMAN' }), task('w3', { lastAgentId: 'z' })]);
      await index.add([task('l1', { tier: 'LOW' }), task('r1', {}, ['read'])]);
      await connect(0);
      const { lanes } = await index.queueSizes(ORG, WHOLE_QUEUE, TIER_AGING);
      const told = lanes.map((l) => [l.kind, l.tier, l.waiting, l.eligibleInstances, l.freeInstances]);
      expect(told.sort()).toEqual([
        ['read', 'NORMAL', 1, 0, 0],
        ['work', 'LOW', 1, 1, 0],
        ['work', 'NORMAL', 3, 1, 0],
      ]);
      const part = await index.queueSizes(ORG, { tier: null, kind: 'read' }, TIER_AGING);
      expect(part.lanes.map((l) => l.requirements.capabilities)).toEqual([['read']]);
    });

    test('rates count what moved in the last minute, and nothing that was there before', async () => {
      await connect(2);
      await index.add([task('old')], 'LOADED');
      await index.add([task('n1'), task('n1')]);
      const reservations = await index.reserve(1);
      await index.confirm(confirmed(reservations));
      await index.confirm(confirmed(await index.reserveNew([task('b1', { tier: 'HIGH', score: 1 })])));
      await index.freeSlots(claims(reservations));
      await index.freeSlots(claims(reservations));
      expect((await tierOf('NORMAL'))?.totals).toEqual({ entered: 1, claimed: 1, ended: 1 });
      expect((await tierOf('HIGH'))?.totals).toEqual({ entered: 1, claimed: 1, ended: 0 });
      advance(10_000);
      expect((await tierOf('NORMAL'))?.rates).toEqual({ entered: 0.1, claimed: 0.1, ended: 0.1 });
      advance(70_000);
      expect((await tierOf('NORMAL'))?.rates).toEqual({ entered: 0, claimed: 0, ended: 0 });
      expect((await tierOf('NORMAL'))?.totals).toEqual({ entered: 1, claimed: 1, ended: 1 });
    });

    test('a peek is in order across lanes, bounded, and takes nothing out', async () => {
      await index.add([task('b', { score: 2 }), task('r', { score: 1 }, ['read'])]);
      await index.add([task('h', { score: 9, band: 'HUMAN' }), task('l', { tier: 'LOW', score: 3 })]);
      await connect(1);
      const peeked = await index.peekQueue(ORG, WHOLE_QUEUE, 3);
      expect(peeked.map((t) => [t.taskId, t.hasFreeAgent])).toEqual([
        ['h', true],
        ['r', false],
        ['b', true],
      ]);
      expect(await index.peekQueue('other', WHOLE_QUEUE, 3)).toEqual([]);
      expect((await index.peekQueue(ORG, { tier: 'LOW', kind: null }, 3)).map((t) => t.taskId)).toEqual([
        'l',
      ]);
      expect(await index.stats()).toMatchObject({ queued: 4 });
    });
  });
}
