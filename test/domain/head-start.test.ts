import { describe, expect, test } from 'vitest';
import {
  greatestHeadStart,
  headStartByFormula,
  headStartOfPriority,
  headStartsInScores,
  tierHeadStarts,
  type Weighed,
} from '../../src/domain/policies/head-start.js';
import { FCFS, TIER_AGING } from '../../src/domain/tasks/tier.js';

const HOUR = 3_600_000;

function weighed(over: Partial<Weighed> & Partial<Weighed['terms']> = {}): Weighed {
  const { urgency = 0, impact = 0, priority = 0, tier = 'NORMAL', dependencies = 0 } = over;
  return { tier, dependencies, terms: { urgency, impact, priority } };
}

describe('the priority that a policy answers', () => {
  test.each([
    [0, 0],
    [199, 0],
    [200, 0],
    [300, 3],
    [400, 6],
    [500, 9],
    [600, 12],
    [700, 18],
    [800, 24],
    [900, 36],
    [1_000, 48],
  ])('%i is a head start of %i h', (priority, hours) => {
    expect(headStartOfPriority(priority, {})).toBe(hours * HOUR);
  });

  test('rises with the priority, in whole ms', () => {
    const all = Array.from({ length: 1_001 }, (_, n) => headStartOfPriority(n, {}));
    expect(all.every((ms, n) => Number.isInteger(ms) && ms >= (all[n - 1] ?? 0))).toBe(true);
  });

  test("goes by the organisation's own head starts", () => {
    const own = { LOW: HOUR, HIGH: 10 * HOUR };
    expect(headStartOfPriority(200, own)).toBe(HOUR);
    expect(headStartOfPriority(199, own)).toBe(0);
    expect(headStartOfPriority(500, own)).toBe(8 * HOUR);
    expect(headStartOfPriority(1_000, own)).toBe(48 * HOUR);
  });
});

describe('what scores tell of the time since when tasks were runnable', () => {
  const set = { headStarts: {}, priorityFormula: null, priorityPolicy: null };

  test('goes by the tiers as they are worth to the organisation', () => {
    expect(headStartsInScores(FCFS, set)).toEqual(FCFS);
    expect(headStartsInScores(FCFS, { ...set, priorityFormula: 'tier_aging' })).toEqual(TIER_AGING);
    expect(headStartsInScores(TIER_AGING, { ...set, headStarts: { LOW: 5 } }).LOW).toBe(5);
  });

  test('is nothing where the tier does not make the score', () => {
    expect(headStartsInScores(TIER_AGING, { ...set, priorityPolicy: 'p' })).toEqual(FCFS);
    for (const priorityFormula of ['weighted', 'submitter', 'fcfs'] as const) {
      expect(headStartsInScores(TIER_AGING, { ...set, priorityFormula })).toEqual(FCFS);
    }
  });
});

describe('the formulas', () => {
  test('tier_aging goes by the tier', () => {
    expect(headStartByFormula('tier_aging', weighed({ tier: 'URGENT' }), TIER_AGING)).toBe(24 * HOUR);
  });

  test('fcfs gives nobody a start', () => {
    expect(headStartByFormula('fcfs', weighed({ tier: 'CRITICAL' }), TIER_AGING)).toBe(0);
  });

  test('submitter takes the number that was given, 1000 being 48 h', () => {
    const of = (priority: number) => headStartByFormula('submitter', weighed({ priority }), TIER_AGING);
    expect([of(0), of(1), of(500), of(1_000)]).toEqual([0, 172_800, 24 * HOUR, 48 * HOUR]);
  });

  test('weighted takes three parts urgency and two parts impact', () => {
    const of = (over: Parameters<typeof weighed>[0]) => headStartByFormula('weighted', weighed(over), FCFS);
    expect(of({ urgency: 1_000, impact: 1_000 })).toBe(Math.round(46 * HOUR));
    expect(of({ urgency: 1_000 })).toBe(Math.round(27.6 * HOUR));
    expect(of({ impact: 1_000 })).toBe(Math.round(18.4 * HOUR));
    expect(of({ urgency: 500, dependencies: 6 })).toBe(Math.round(14.8 * HOUR));
    expect(of({ urgency: 1_000, impact: 1_000, dependencies: 200 })).toBe(Math.round(48 * HOUR));
  });

  test('weighted goes by the tier where neither was said', () => {
    const of = (tier: Weighed['tier']) => headStartByFormula('weighted', weighed({ tier }), FCFS);
    expect(of('LOW')).toBe(Math.round(9.2 * HOUR));
    expect(of('NORMAL')).toBe(Math.round(18.4 * HOUR));
    expect(of('CRITICAL')).toBe(Math.round(46 * HOUR));
  });

  test('no formula gives more than 48 h', () => {
    const far = { ...TIER_AGING, CRITICAL: 100 * HOUR };
    expect(headStartByFormula('tier_aging', weighed({ tier: 'CRITICAL' }), far)).toBe(48 * HOUR);
  });

  test("an organisation's own head starts stand over the server's", () => {
    expect(tierHeadStarts(TIER_AGING, { headStarts: {} })).toBe(TIER_AGING);
    expect(tierHeadStarts(FCFS, { headStarts: { HIGH: HOUR } })).toEqual({ ...FCFS, HIGH: HOUR });
  });
});

test('the greatest head start of an organisation is what its formula and its policy can give', () => {
  const set = { headStarts: {}, priorityFormula: null, priorityPolicy: null };
  expect(greatestHeadStart(TIER_AGING, set)).toBe(48 * HOUR);
  expect(greatestHeadStart(FCFS, set)).toBe(0);
  expect(greatestHeadStart(TIER_AGING, { ...set, priorityFormula: 'fcfs' })).toBe(0);
  const own = { ...set, headStarts: { CRITICAL: HOUR, URGENT: 2 * HOUR, HIGH: 0, NORMAL: 0 } };
  expect(greatestHeadStart(TIER_AGING, own)).toBe(2 * HOUR);
  expect(greatestHeadStart(FCFS, { ...own, priorityFormula: 'submitter' })).toBe(48 * HOUR);
  expect(greatestHeadStart(FCFS, { ...set, priorityPolicy: 'p' })).toBe(48 * HOUR);
});
