import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectedMs,
  merged,
  NO_DURATIONS,
  tallyOf,
  withDuration,
} from '../../src/domain/order/expected-duration.js';
import { type DurationRecord, MAX_KINDS } from '../../src/ports/duration-record.js';

export interface OpenedDurationRecord {
  readonly durations: DurationRecord;
  /** Lets time pass. */
  later(ms: number): Promise<void>;
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const EVER = 100 * 365 * 24 * HOUR;

/** What every record of durations must do. `open` is called once; tests live in orgs of their own. */
export function describeDurationRecord(name: string, open: () => Promise<OpenedDurationRecord>): void {
  describe(`the record of durations on ${name}`, () => {
    let opened: OpenedDurationRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      const { durations, later } = opened;
      const org = `org-${randomUUID()}`;
      const found = (kind: string, ms: readonly number[]) => ({ org, kind, ...tallyOf(ms, NO_DURATIONS) });
      const learn = async (kind: string, ms: readonly number[]) => {
        const [one] = await durations.learnDurations([found(kind, ms)]);
        if (!one) throw new Error('not learned');
        return one;
      };
      const known = async () =>
        (await durations.changedDurations(EVER, 100_000)).filter((one) => one.org === org);
      return { durations, later, org, found, learn, known };
    };
    const times = (n: number, ms: number) => Array.from({ length: n }, () => ms);

    test('expects nothing of four successes, and of the fifth on what they took', async () => {
      const { learn, known, org } = setup();
      expect(await learn('a', times(4, 1_000))).toMatchObject({ org, kind: 'a', count: 4, expectedMs: null });
      expect(await known()).toEqual([]);
      const fifth = await learn('a', [1_000]);
      expect(fifth).toMatchObject({ count: 5 });
      expect(fifth.expectedMs).toBeCloseTo(1_000);
      expect(await known()).toEqual([fifth]);
    });

    test('adds as the domain does, to little that is known and to much', async () => {
      const { learn } = setup();
      let tally = NO_DURATIONS;
      for (const ms of [times(3, 2_000), [500, 8_000, 1_000], times(200, 3_000), [10, 100_000]]) {
        tally = merged(tally, tallyOf(ms, NO_DURATIONS));
        const learned = await learn('a', ms);
        expect(learned.count).toBe(tally.count);
        expect(learned.mean).toBeCloseTo(tally.mean);
        expect(learned.variance).toBeCloseTo(tally.variance);
      }
    });

    test('answers for all kinds of a call, of one with enough what it is expected to take', async () => {
      const { durations, found } = setup();
      const mixed = [1_000, 1_000, 1_000, 2_000, 4_000];
      const learned = await durations.learnDurations([found('b', mixed), found('a', [5])]);
      const of = (kind: string) => learned.find((one) => one.kind === kind)?.expectedMs;
      expect(of('a')).toBeNull();
      expect(of('b')).toBeCloseTo(expectedMs(tallyOf(mixed, NO_DURATIONS)) ?? 0);
    });

    test('moves what is expected once an hour at most, and by a factor of two at most', async () => {
      const { learn, later, known } = setup();
      await learn('a', times(10, 1_000));
      expect((await learn('a', times(1_000, 60_000))).expectedMs).toBeCloseTo(1_000);
      await later(HOUR / 2);
      expect((await learn('a', [60_000])).expectedMs).toBeCloseTo(1_000);
      await later(HOUR / 2);
      expect((await learn('a', [60_000])).expectedMs).toBeCloseTo(2_000);
      expect((await learn('a', [60_000])).expectedMs).toBeCloseTo(2_000);
      await later(HOUR);
      expect((await learn('a', times(1_000, 1))).expectedMs).toBeCloseTo(1_000);
      expect((await known()).map((one) => one.expectedMs?.toFixed())).toEqual(['1000']);
    });

    test('is moved by one that lies far out as little as the domain says', async () => {
      const { durations, learn, later, found } = setup();
      const known = await learn('a', times(100, 10_000));
      await later(HOUR);
      const poison = { ...found('a', []), ...tallyOf([10 * HOUR], known) };
      const [after] = await durations.learnDurations([poison]);
      expect(after?.expectedMs).toBeLessThan(10_000 * 1.05);
      expect(after?.expectedMs).toBeCloseTo(expectedMs(withDuration(known, 10 * HOUR)) ?? 0, 3);
    });

    test('two who add at once lose nothing', async () => {
      const { durations, found, learn } = setup();
      const both = ['a', 'b', 'c'].map((kind) => found(kind, [1_000]));
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => durations.learnDurations(i % 2 ? both : [...both].reverse())),
      );
      expect(await learn('b', [1_000])).toMatchObject({ count: 21 });
    });

    test('tells what changed of late, newest first, no more than was asked for', async () => {
      const { durations, learn, later, org } = setup();
      await learn('old', times(5, 1));
      await later(10_000);
      await learn('new', times(5, 1));
      await learn('unknown', [1]);
      const kinds = async (withinMs: number, limit: number) =>
        (await durations.changedDurations(withinMs, limit)).filter((o) => o.org === org).map((o) => o.kind);
      expect(await kinds(9_000, 100)).toEqual(['new']);
      expect(await kinds(20_000, 100)).toEqual(['new', 'old']);
      expect(await kinds(20_000, 1)).toEqual(['new']);
    });

    test('keeps a thousand kinds of an organisation, however many it makes up: those it knows and did last', async () => {
      const { durations, found, learn, later, known } = setup();
      await learn('known', times(5, 1));
      await later(1_000);
      for (let page = 0; page < 3; page++) {
        await durations.learnDurations(
          Array.from({ length: MAX_KINDS / 2 }, (_, i) => found(`made-up-${page}-${i}`, [1])),
        );
        await later(1_000);
      }
      expect((await known()).map(({ kind }) => kind)).toEqual(['known']);
      expect(await learn('made-up-2-7', [1])).toMatchObject({ count: 2 });
      expect(await learn('made-up-0-7', [1])).toMatchObject({ count: 1 });
    });

    test('keeps to organisations', async () => {
      const [one, other] = [setup(), setup()];
      await one.learn('a', times(5, 1_000));
      expect(await other.known()).toEqual([]);
      expect(await other.learn('a', [7])).toMatchObject({ count: 1 });
    });
  });
}
