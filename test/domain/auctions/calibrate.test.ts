import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BidRecord, NO_BIDS, withResult } from '../../../src/domain/auctions/bid-record.js';
import { figuresOf } from '../../../src/domain/auctions/bidder-figures.js';
import { calibrate, NO_EVIDENCE } from '../../../src/domain/auctions/calibrate.js';
import { seededRandom } from '../../support/seeded-random.js';

const BID = { price: 2, etaMs: 60_000, confidence: 0.9, note: '' };

/** A record of `n` outcomes of a bidder that says `said` and succeeds at a rate. */
function recordOf(
  n: number,
  rate: number,
  { said = 0.9, time = 1, price = 1, before = NO_BIDS, seed = 1 } = {},
) {
  const random = seededRandom(seed);
  let record: BidRecord = before;
  for (let i = 0; i < n; i += 1) {
    const succeeded = random() < rate;
    const timeRatio = succeeded ? time : null;
    record = withResult(record, { succeeded, said, probability: rate, timeRatio, priceRatio: price });
  }
  return record;
}

describe('calibration', () => {
  test('takes a bid at its word while nothing is known', () => {
    const { probability, price, etaMs, etaBetweenMs } = calibrate(BID, NO_EVIDENCE);
    expect([probability, price, etaMs]).toEqual([0.9, 2, 60_000]);
    expect(etaBetweenMs[0]).toBeLessThan(60_000);
    expect(etaBetweenMs[1]).toBeGreaterThan(60_000);
  });

  test('takes off the word of a new bidder most of what others say too much', () => {
    const all = recordOf(200, 0.4);
    const { probability } = calibrate(BID, { ...NO_EVIDENCE, all });
    expect(probability).toBeLessThan(0.65);
  });

  test('believes the record at the kind more than the word, the longer the record is', () => {
    const at = (n: number) => {
      const kind = recordOf(n, 0.2);
      return calibrate(BID, { kind, bidder: kind, all: kind }).probability;
    };
    expect(at(0)).toBe(0.9);
    expect(at(8)).toBeLessThan(at(2));
    expect(Math.abs(at(400) - 0.2)).toBeLessThan(0.12);
  });

  test('lets what one that is honest says count, kind by kind', () => {
    const honest = recordOf(300, 0.5, { said: 0.5 });
    const said = (confidence: number) =>
      calibrate({ ...BID, confidence }, { ...NO_EVIDENCE, bidder: honest, all: honest }).probability;
    expect(said(0.9) - said(0.3)).toBeGreaterThan(0.5);
  });

  test('forgets: skills that have changed show within a hundred outcomes', () => {
    const good = recordOf(500, 0.9);
    const kind = recordOf(100, 0.1, { before: good, seed: 2 });
    expect(calibrate(BID, { kind, bidder: kind, all: kind }).probability).toBeLessThan(0.3);
  });

  test('corrects time and price by what they really came to', () => {
    const kind = recordOf(300, 0.8, { time: 1.5, price: 2 });
    const { price, etaMs, etaBetweenMs } = calibrate(BID, { kind, bidder: kind, all: kind });
    expect(etaMs / 60_000).toBeCloseTo(1.5, 1);
    expect(price / 2).toBeCloseTo(2, 1);
    // It was never anything else.
    expect(etaBetweenMs[1] / etaBetweenMs[0]).toBeLessThan(1.8);
  });

  test('answers with a probability and finite figures, whatever came before', () => {
    const results = fc.array(
      fc.record({
        succeeded: fc.boolean(),
        said: fc.double({ min: 0, max: 1, noNaN: true }),
        probability: fc.double({ min: 0, max: 1, noNaN: true }),
        timeRatio: fc.option(fc.double()),
        priceRatio: fc.option(fc.double()),
      }),
      { maxLength: 60 },
    );
    const confidence = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(results, confidence, (of, said) => {
        const kind = of.reduce(withResult, NO_BIDS);
        const made = calibrate({ ...BID, confidence: said }, { kind, bidder: kind, all: kind });
        expect(made.probability).toBeGreaterThanOrEqual(0);
        expect(made.probability).toBeLessThanOrEqual(1);
        for (const figure of [made.price, made.etaMs, ...made.etaBetweenMs]) {
          expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        }
        // It is kept as a row.
        expect(JSON.parse(JSON.stringify(kind))).toEqual(kind);
      }),
    );
  });

  test('a success never lowers the probability, nor does a failure raise it', () => {
    const outcome = (succeeded: boolean) => {
      return { succeeded, said: 0.9, probability: 0.5, timeRatio: null, priceRatio: null };
    };
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (history) => {
        const record = history.map(outcome).reduce(withResult, NO_BIDS);
        const likely = (kind: BidRecord) => calibrate(BID, { ...NO_EVIDENCE, kind }).probability;
        // Forgetting may take more from an unbroken row than one more success adds.
        const slack = 1e-3;
        expect(likely(withResult(record, outcome(true)))).toBeGreaterThanOrEqual(likely(record) - slack);
        expect(likely(withResult(record, outcome(false)))).toBeLessThanOrEqual(likely(record) + slack);
      }),
    );
  });
});

describe('the figures of a bidder', () => {
  test('are none before the first outcome', () => {
    expect(figuresOf(NO_BIDS)).toBeNull();
  });

  test('show a boaster: what it says scores badly, what is made of it well', () => {
    const figures = figuresOf(recordOf(2_000, 0.35, { said: 0.99 }));
    expect(figures?.overconfidence).toBeGreaterThan(0.5);
    expect(figures?.saidBrier).toBeGreaterThan(0.5);
    expect(figures?.brier).toBeLessThan(0.26);
    expect(figures?.outcomes).toBeCloseTo(48, 0);
  });

  test('calibration error is how far forecasts lie from what comes true', () => {
    const result = { said: 0.8, probability: 0.8, timeRatio: null, priceRatio: null };
    const one = withResult(NO_BIDS, { ...result, succeeded: true });
    expect(figuresOf(one)?.calibrationError).toBeCloseTo(0.2, 12);
    expect(figuresOf(one)?.brier).toBeCloseTo(0.04, 12);
  });
});
