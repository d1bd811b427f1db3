import { expect, test } from 'vitest';
import { MAX_KINDS_OF_ALL, MAX_KINDS_OF_ORG } from '../../src/memory/duration-samples.js';
import { KnownDurations } from '../../src/memory/known-durations.js';
import { createLearnedDurations } from '../../src/memory/learned-durations.js';
import { createMemoryDurationRecord } from '../../src/memory/record/duration-record.js';
import {
  type DurationRecord,
  type KindDuration,
  MAX_KINDS,
  MAX_LEARNED,
} from '../../src/ports/duration-record.js';
import { FakeClock } from '../support/fake-clock.js';

const ORG = 'acme';
const HOUR = 3_600_000;

/** A record, and coordinators over it. */
function setup({ maxKnown }: { maxKnown?: number } = {}) {
  const clock = new FakeClock();
  const record = createMemoryDurationRecord(clock);
  const calls: (readonly KindDuration[])[] = [];
  /** Writes that are still to fail. */
  let failures = 0;
  const watched: DurationRecord = {
    ...record,
    async learnDurations(found) {
      if (failures-- > 0) throw new Error('away');
      calls.push(found);
      return record.learnDurations(found);
    },
  };
  const open = () => createLearnedDurations({ record: watched, clock, ...(maxKnown && { maxKnown }) });
  const durations = open();
  const took = (kind: string, ms: number, times = 5, of = durations) => {
    for (let i = 0; i < times; i++) of.succeeded(ORG, kind, ms);
  };
  return { clock, calls, durations, open, took, fail: (times: number) => (failures = times) };
}

test('what succeeded is expected once it is written, here and, when they look, on other coordinators', async () => {
  const { durations, open, took } = setup();
  const other = open();
  await other.load();
  took('a', 2_000);
  expect(durations.of(ORG, 'a')).toBeNull();
  await durations.flush();
  expect(durations.of(ORG, 'a')).toBeCloseTo(2_000);
  expect(other.of(ORG, 'a')).toBeNull();
  await other.look();
  expect(other.of(ORG, 'a')).toBeCloseTo(2_000);
});

test('coordinators that each saw too little know enough together', async () => {
  const { durations, open, took } = setup();
  const other = open();
  took('a', 2_000, 3);
  took('a', 2_000, 2, other);
  await durations.flush();
  expect(durations.of(ORG, 'a')).toBeNull();
  await other.flush();
  await durations.look();
  expect(durations.of(ORG, 'a')).toBeCloseTo(2_000);
});

test('one that starts anew knows what was learned before', async () => {
  const { clock, durations, open, took } = setup();
  took('a', 2_000);
  await durations.flush();
  clock.advance(90 * 24 * HOUR);
  const next = open();
  await next.load();
  expect(next.of(ORG, 'a')).toBeCloseTo(2_000);
});

test('of a kind that is not known the median of the organisation is expected, of others nothing', async () => {
  const { durations, took } = setup();
  took('short', 1_000);
  took('middle', 4_000);
  took('long', 900_000);
  took('new', 50, 2);
  await durations.flush();
  expect(durations.of(ORG, 'new')).toBeCloseTo(4_000);
  expect(durations.of(ORG, 'never-seen')).toBeCloseTo(4_000);
  expect(durations.of('other', 'short')).toBeNull();
});

test('one call writes all kinds, and nothing is written where nothing has succeeded', async () => {
  const { calls, durations, took } = setup();
  took('a', 1_000);
  took('b', 2_000);
  await durations.flush();
  await durations.flush();
  expect(calls.map((found) => found.map(({ kind }) => kind))).toEqual([['a', 'b']]);
});

test('what could not be written is written the next time', async () => {
  const { durations, took, fail } = setup();
  took('a', 1_000);
  fail(1);
  await expect(durations.flush()).rejects.toThrow('away');
  await durations.flush();
  expect(durations.of(ORG, 'a')).toBeCloseTo(1_000);
});

test('what a write that fails leaves is taken along by the one that waits for it', async () => {
  const { durations, took, fail } = setup();
  took('a', 1_000);
  fail(1);
  const failing = durations.flush();
  const next = durations.flush();
  await expect(failing).rejects.toThrow('away');
  await next;
  expect(durations.of(ORG, 'a')).toBeCloseTo(1_000);
});

test('one that took hours among many that took seconds moves nothing much, nor does none at all', async () => {
  const { clock, durations, took } = setup();
  took('a', 10_000, 100);
  await durations.flush();
  for (const poison of [10 * HOUR, 0, Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    clock.advance(HOUR);
    took('a', poison, 1);
    took('a', 10_000, 1);
    await durations.flush();
    const expected = durations.of(ORG, 'a') ?? 0;
    expect(Math.abs(expected / 10_000 - 1)).toBeLessThan(0.06);
  }
});

test('thousands of the same kind between two writes take no more room than the first of them', async () => {
  const { calls, durations, took } = setup();
  took('a', 1_000, 100_000);
  await durations.flush();
  expect(calls[0]?.[0]?.count).toBe(128);
});

test('an organisation that makes up kinds by the million takes no room from others, nor ever more of it', async () => {
  const { calls, durations, took } = setup({ maxKnown: 2_000 });
  took('real', 7_000);
  await durations.flush();
  const makeUp = (org: string, round: number) => {
    for (let i = 0; i < 20_000; i++) durations.succeeded(org, `kind-${round}-${i}`, 1);
  };
  for (let round = 0; round < 40; round++) {
    makeUp('maker', round);
    took('real', 7_000);
    calls.length = 0;
    await durations.flush();
    const written = calls.flat();
    expect(written.filter(({ org }) => org === 'maker')).toHaveLength(MAX_KINDS_OF_ORG);
    expect(written.find(({ kind }) => kind === 'real')).toMatchObject({ count: 5 });
  }
  expect(durations.of(ORG, 'real')).toBeCloseTo(7_000);
});

test('of all organisations together there is a bound as well', async () => {
  const { calls, durations } = setup();
  for (let i = 0; i < 2 * MAX_KINDS_OF_ALL; i++) durations.succeeded(`org-${i}`, 'a', 1);
  await durations.flush();
  expect(calls.flat()).toHaveLength(MAX_KINDS_OF_ALL);
  expect(Math.max(...calls.map((found) => found.length))).toBe(MAX_LEARNED);
});

test('what is known has a bound, in all and of an organisation: those go that were heard of the longest ago', () => {
  const known = new KnownDurations(1_500);
  const put = (org: string, kind: string) =>
    known.put({ org, kind, count: 5, mean: 0, variance: 0, expectedMs: 1 });
  for (let i = 0; i < 10 * MAX_KINDS; i++) put('maker', `made-up-${i}`);
  expect(known.size).toBe(MAX_KINDS);
  expect(known.tallyOf('maker', `made-up-${9 * MAX_KINDS - 1}`)).toBeUndefined();
  expect(known.tallyOf('maker', `made-up-${9 * MAX_KINDS}`)).toBeDefined();
  for (let i = 0; i < 10_000; i++) put(`org-${i}`, 'a');
  expect(known.size).toBe(1_500);
  expect(known.expectedMs('maker', 'made-up-1')).toBeNull();
  expect(known.expectedMs('org-9999', 'a')).toBe(1);
});
