import { expect, test } from 'vitest';
import { reeve, trusting } from '../../../bench/decisions/auctions/auctioneers.js';
import { measure, resultOf } from '../../../bench/decisions/measure.js';
import { verdictOn } from '../../../bench/decisions/scenario.js';
import { auctionedBy, BIDDERS } from '../../../bench/decisions/scenarios/bidders.js';

test('S8: all that has a target meets it over three seeds', () => {
  const measured = measure({ ...BIDDERS, policies: ['Reeve'] }, 3);
  for (const { id, goal } of BIDDERS.metrics) {
    if (goal) expect([id, verdictOn(resultOf(measured, id).estimate.mean, goal)]).not.toContain('missed');
  }
});

test('S8: who is told of no outcome is as wrong as the bidders are', () => {
  const deaf = () => ({ ...reeve(), ended() {} });
  const [told, untold, word] = [reeve(), deaf(), trusting()].map((a) => auctionedBy(a, 1, 1_000));
  expect(untold?.brier).toBe(word?.brier);
  expect(told?.settled).toBeLessThan((untold?.settled ?? 0) / 2);
});

test('S8: the same seed gives the same figures, another one others', () => {
  expect(BIDDERS.run(1, 'random')).toEqual(BIDDERS.run(1, 'random'));
  expect(BIDDERS.run(1, 'random')).not.toEqual(BIDDERS.run(2, 'random'));
});
