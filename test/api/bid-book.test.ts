import { expect, test } from 'vitest';
import { BidBook } from '../../src/api/work/bid-book.js';
import { FakeClock } from '../support/fake-clock.js';

const BID = { price: 1, etaMs: 1_000, confidence: 0.5, note: '' };

function setup() {
  const clock = new FakeClock();
  const refused: string[] = [];
  const book = new BidBook(clock, (outcome) => refused.push(outcome));
  const wait = (asked: readonly string[], withinMs = 500) =>
    book.wait('auction', { taskId: 't', asked: new Set(asked), withinMs });
  const say = (agentId: string, bid: typeof BID | null = BID, auctionId = 'auction') =>
    book.receive(agentId, { auctionId, bid });
  return { clock, refused, wait, say };
}

test('it waits until all have answered', async () => {
  const { wait, say, refused } = setup();
  const answers = wait(['a', 'b']);
  say('a');
  say('b', null);
  expect([...(await answers)]).toEqual([
    ['a', { kind: 'BID', bid: BID }],
    ['b', { kind: 'PASSED' }],
  ]);
  expect(refused).toEqual([]);
});

test('it waits no longer than agents have; what comes later counts for nothing', async () => {
  const { clock, wait, say, refused } = setup();
  const answers = wait(['a', 'b']);
  say('a');
  clock.advance(500);
  expect([...(await answers).keys()]).toEqual(['a']);
  say('b');
  say('stranger', BID, 'never held');
  expect(refused).toEqual(['LATE', 'NOT_ASKED_FOR']);
});

test('bids of those who were not asked, second ones and those for nothing are refused', async () => {
  const { wait, say, refused } = setup();
  const answers = wait(['a', 'b']);
  say('a');
  say('a', { ...BID, price: 0 });
  say('stranger');
  say('stranger', null);
  say('b', BID, 'another');
  say('b', { ...BID, price: -1 });
  expect((await answers).get('a')).toEqual({ kind: 'BID', bid: BID });
  expect((await answers).get('b')).toEqual({
    kind: 'INVALID',
    message: expect.stringContaining('price must be a number from 0'),
  });
  expect(refused).toEqual(['SECOND_BID', 'NOT_IN_POOL', 'NOT_IN_POOL', 'NOT_ASKED_FOR', 'INVALID']);
});

test('with nobody to ask it does not wait', async () => {
  const { wait } = setup();
  expect([...(await wait([]))]).toEqual([]);
});
