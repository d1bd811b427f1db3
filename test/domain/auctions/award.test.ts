import fc from 'fast-check';
import { expect, test } from 'vitest';
import { award, ranked, type ScoredBid } from '../../../src/domain/auctions/award.js';
import { expectedUtility } from '../../../src/domain/auctions/utility.js';

const bid = (agentId: string, score: number, load = 0): ScoredBid => ({ agentId, score, load });
const ids = (bids: readonly ScoredBid[]) => bids.map(({ agentId }) => agentId).join('');
const NOBODY = new Set<string>();

test('the highest score goes first; ties by the least load, then by the id', () => {
  const bids = [bid('d', 1, 0.5), bid('c', 1, 0.25), bid('b', 1, 0.25), bid('a', 0), bid('e', 2, 1)];
  expect(ids(ranked(bids))).toBe('ebcda');
});

test('a score that is no number is no bid', () => {
  const bids = [bid('a', Number.NaN), bid('b', Number.POSITIVE_INFINITY), bid('c', -3)];
  expect(ids(ranked(bids))).toBe('c');
});

test('the ranking is the same in whichever order the bids come', () => {
  const anyBid = fc.record({
    agentId: fc.stringMatching(/^[a-z]{1,3}$/),
    score: fc.oneof(fc.constantFrom(0, 1), fc.double()),
    load: fc.constantFrom(0, 0.5, 1),
  });
  const some = fc.uniqueArray(anyBid, { selector: ({ agentId }) => agentId, maxLength: 30 });
  fc.assert(
    fc.property(some, (bids) => {
      expect(ranked([...bids].reverse())).toEqual(ranked(bids));
    }),
  );
});

test('a winner that failed gives way to the next, until nobody is left', () => {
  const ranking = ranked([bid('a', 3), bid('b', 2), bid('c', 1)]);
  expect(award(ranking, NOBODY)).toEqual({ outcome: 'AWARDED', bid: ranking[0], runnerUp: ranking[1] });
  const second = award(ranking, new Set(['a']));
  expect(second).toEqual({ outcome: 'AWARDED', bid: ranking[1], runnerUp: ranking[2] });
  const last = award(ranking, new Set(['a', 'b']));
  expect(last).toEqual({ outcome: 'AWARDED', bid: ranking[2], runnerUp: null });
  expect(award(ranking, new Set(['a', 'b', 'c']))).toEqual({ outcome: 'NOBODY_LEFT' });
});

test('an auction without a bid says so, whoever was tried before', () => {
  expect(award([], NOBODY)).toEqual({ outcome: 'NO_BID' });
  expect(award([], new Set(['a']))).toEqual({ outcome: 'NO_BID' });
});

test('expected utility pays the price and the time for certain, and earns the value by its probability', () => {
  const worth = { value: 10, perHour: 2 };
  const utility = expectedUtility({ probability: 0.5, price: 1, etaMs: 1_800_000 }, worth);
  expect(utility).toBeCloseTo(0.5 * 10 - 1 - 1, 12);
});
