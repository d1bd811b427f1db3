import { expect, test } from 'vitest';
import { auctionTerms, usualTerms } from '../../src/domain/auctions/terms.js';
import { DEFAULT_ORG_CONFIG } from '../../src/domain/config/org-config.js';

const CONFIG = { ...DEFAULT_ORG_CONFIG, auctionMaxPrice: 3 };

test('what a policy says replaces what is usual; the rest is for expressions', () => {
  expect(auctionTerms(CONFIG, { bids: 'live', bid_seconds: 1.5, value: 7, tone: 'kind' })).toEqual({
    ...usualTerms(CONFIG),
    ...{ bids: 'LIVE', bidTimeMs: 1_500, value: 7 },
    parameters: { bids: 'live', bid_seconds: 1.5, value: 7, tone: 'kind' },
  });
  expect(auctionTerms(CONFIG, { max_price: null, hour_cost: 0 })).toMatchObject({ maxPrice: 3, hourCost: 0 });
});

test.each([
  [{ bids: 'maybe' }, 'bids must be "computed" or "live", not "maybe"'],
  [{ bid_seconds: 0 }, 'bid_seconds must be from 0.05 to 30, not 0'],
  [{ bid_seconds: '10' }, 'bid_seconds must be a number, not a string'],
  [{ max_price: -1 }, 'max_price must be from 0 to 1000000000, not -1'],
  [{ value: 1e10 }, 'value must be from 0 to 1000000000'],
  [{ hour_cost: [] }, 'hour_cost must be a number, not a list'],
])('%j is refused', (said, message) => {
  expect(() => auctionTerms(CONFIG, said)).toThrow(message);
});
