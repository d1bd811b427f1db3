import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bid, faultOf, MAX_ETA_MS, MAX_NOTE, MAX_PRICE } from '../../../src/domain/auctions/bid.js';
import { isComplete, type OpenAuction, outcomeOf, silent } from '../../../src/domain/auctions/receive-bid.js';

const BID: Bid = { price: 0.05, etaMs: 60_000, confidence: 0.7, note: 'warm' };
const AUCTION: OpenAuction = {
  taskId: 't',
  asked: new Set(['c', 'a', 'b']),
  closesAt: 1_000,
  bids: new Map([['b', BID]]),
};
const offered = (over: object = {}) => ({ taskId: 't', agentId: 'a', bid: BID, at: 1_000, ...over });

describe('a bid', () => {
  test('counts at its bounds', () => {
    expect(faultOf({ price: 0, etaMs: 0, confidence: 0, note: '' })).toBeNull();
    const most = { price: MAX_PRICE, etaMs: MAX_ETA_MS, confidence: 1, note: 'x'.repeat(MAX_NOTE) };
    expect(faultOf(most)).toBeNull();
  });

  test.each([
    ['price', [-1, -1e-9, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, MAX_PRICE * 2]],
    ['etaMs', [-1, Number.NaN, Number.POSITIVE_INFINITY, MAX_ETA_MS + 1]],
    ['confidence', [-0.1, 1.000001, Number.NaN, Number.POSITIVE_INFINITY]],
  ] as const)('is refused for its %s, which it names with its limit', (field, values) => {
    for (const value of values) {
      const fault = faultOf({ ...BID, [field]: value });
      expect(fault?.field).toBe(field);
      expect(fault?.wanted).toMatch(/0 to \d/);
    }
  });

  test('is refused for a note that is too long', () => {
    const fault = faultOf({ ...BID, note: 'x'.repeat(MAX_NOTE + 1) });
    expect(fault).toEqual({ field: 'note', wanted: `at most ${MAX_NOTE} characters` });
  });
});

describe('a bid that comes in', () => {
  test('counts until the auction closes, that moment included', () => {
    expect(outcomeOf(AUCTION, offered())).toEqual({ outcome: 'COUNTED' });
    expect(outcomeOf(AUCTION, offered({ at: 1_250 }))).toEqual({ outcome: 'LATE', lateMs: 250 });
  });

  test('for a task that nobody was asked about is for nothing', () => {
    expect(outcomeOf(undefined, offered())).toEqual({ outcome: 'NOT_ASKED_FOR' });
    expect(outcomeOf(AUCTION, offered({ taskId: 'other' }))).toEqual({ outcome: 'NOT_ASKED_FOR' });
  });

  test('of an agent that was not asked does not count, whenever it comes', () => {
    expect(outcomeOf(AUCTION, offered({ agentId: 'x', at: 2_000 }))).toEqual({ outcome: 'NOT_IN_POOL' });
  });

  test('does not take the place of the first one', () => {
    expect(outcomeOf(AUCTION, offered({ agentId: 'b' }))).toEqual({ outcome: 'SECOND_BID' });
  });

  test('says what is wrong with it', () => {
    const outcome = outcomeOf(AUCTION, offered({ bid: { ...BID, price: Number.NaN } }));
    expect(outcome).toMatchObject({ outcome: 'INVALID', fault: { field: 'price' } });
  });

  test('has one outcome, whatever it is, and counts only if nothing stands against it', () => {
    const numbers = fc.oneof(fc.double(), fc.constantFrom(-1, 0, 0.5, 1, Number.NaN));
    const any = fc.record({
      taskId: fc.constantFrom('t', 'u'),
      agentId: fc.constantFrom('a', 'b', 'x'),
      bid: fc.record({ price: numbers, etaMs: numbers, confidence: numbers, note: fc.string() }),
      at: fc.integer({ min: 0, max: 2_000 }),
    });
    fc.assert(
      fc.property(any, (bid) => {
        const counts =
          bid.taskId === 't' && bid.agentId === 'a' && bid.at <= 1_000 && faultOf(bid.bid) === null;
        expect(outcomeOf(AUCTION, bid).outcome === 'COUNTED').toBe(counts);
      }),
    );
  });
});

test('an auction is complete when everybody has bid; who is silent is named until then', () => {
  expect(isComplete(AUCTION)).toBe(false);
  expect(silent(AUCTION)).toEqual(['a', 'c']);
  const all = { ...AUCTION, bids: new Map(['a', 'b', 'c'].map((id) => [id, BID])) };
  expect(isComplete(all)).toBe(true);
  expect(silent(all)).toEqual([]);
});
