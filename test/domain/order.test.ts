import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FCFS, scoreOf, TIER_AGING, TIERS, type Tier } from '../../src/domain/tasks/tier.js';

const tier = fc.constantFrom<Tier>(...TIERS);
const time = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

test('time never causes a rescore: the order of two waiting tasks is the same at any later moment', () => {
  fc.assert(
    fc.property(time, tier, time, tier, fc.nat(1e9), (t1, tier1, t2, tier2, later) => {
      // Rank by age + head start at some moment is rank by score, whatever the moment is.
      const now = Math.max(t1, t2) + later;
      const worth = (t: number, of: Tier) => now - t + TIER_AGING[of];
      const byWorth = Math.sign(worth(t2, tier2) - worth(t1, tier1));
      const byScore = Math.sign(scoreOf(t1, tier1, TIER_AGING) - scoreOf(t2, tier2, TIER_AGING));
      expect(byScore).toBe(byWorth);
    }),
  );
});

test('nobody is overtaken by work that came later than the difference of head starts', () => {
  fc.assert(
    fc.property(time, tier, tier, fc.nat(1e9), (t, waiting, fresh, gap) => {
      const bound = Math.max(0, TIER_AGING[fresh] - TIER_AGING[waiting]);
      const mine = scoreOf(t, waiting, TIER_AGING);
      const theirs = scoreOf(t + bound + 1 + gap, fresh, TIER_AGING);
      expect(mine).toBeLessThan(theirs);
    }),
  );
});

test('of tasks that become runnable together the higher tier goes first', () => {
  const scores = TIERS.map((of) => scoreOf(0, of, TIER_AGING));
  expect(scores).toEqual([...scores].sort((a, b) => a - b));
  expect(new Set(scores).size).toBe(TIERS.length);
});

test('first come, first served looks at nothing but time', () => {
  fc.assert(
    fc.property(time, tier, (t, of) => {
      expect(scoreOf(t, of, FCFS)).toBe(t);
    }),
  );
});
