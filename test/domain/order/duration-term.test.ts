import { describe, expect, it } from 'vitest';
import { DURATION_TERMS, durationTerm } from '../../../src/domain/order/duration-term.js';
import { scoreOf, TIER_AGING, TIERS } from '../../../src/domain/tasks/tier.js';

const MINUTE = 60_000;
const LONGEST = DURATION_TERMS.capMs;

describe('the duration term', () => {
  it('is the expected duration times the factor of the tier', () => {
    const terms = { factors: { CRITICAL: 0, URGENT: 1, HIGH: 2, NORMAL: 3, LOW: 4 }, capMs: 30 * MINUTE };
    const term = TIERS.map((tier) => durationTerm(MINUTE, tier, terms));
    expect(term).toEqual([0, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE]);
  });

  it('grows no more from the cap on', () => {
    expect(durationTerm(LONGEST * 100, 'NORMAL', DURATION_TERMS)).toBe(
      durationTerm(LONGEST, 'NORMAL', DURATION_TERMS),
    );
  });

  it('is nothing where nobody knows, and with a cap of 0', () => {
    expect(durationTerm(null, 'LOW', DURATION_TERMS)).toBe(0);
    expect(durationTerm(MINUTE, 'LOW', { ...DURATION_TERMS, capMs: 0 })).toBe(0);
  });

  it('is in whole ms, as scores are', () => {
    expect(durationTerm(1.4, 'URGENT', { ...DURATION_TERMS, capMs: 10 })).toBe(11);
  });

  it('by default leaves URGENT and CRITICAL ahead of what is less urgent, however long they take', () => {
    const longest = (tier: 'CRITICAL' | 'URGENT') =>
      scoreOf(0, tier, TIER_AGING) + durationTerm(LONGEST, tier, DURATION_TERMS);
    expect(longest('URGENT')).toBeLessThan(scoreOf(0, 'HIGH', TIER_AGING));
    expect(longest('CRITICAL')).toBeLessThan(scoreOf(0, 'URGENT', TIER_AGING));
  });

  it('by default lets a short LOW task pass a long NORMAL one, and no long one', () => {
    const score = (tier: 'NORMAL' | 'LOW', ms: number) =>
      scoreOf(0, tier, TIER_AGING) + durationTerm(ms, tier, DURATION_TERMS);
    expect(score('LOW', MINUTE)).toBeLessThan(score('NORMAL', 15 * MINUTE));
    expect(score('LOW', 15 * MINUTE)).toBeGreaterThan(score('NORMAL', 15 * MINUTE));
  });
});
