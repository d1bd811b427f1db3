import { award, ranked } from '../../../src/domain/auctions/award.js';
import { type Bid, faultOf } from '../../../src/domain/auctions/bid.js';
import { type BidRecord, NO_BIDS, withResult } from '../../../src/domain/auctions/bid-record.js';
import { calibrate } from '../../../src/domain/auctions/calibrate.js';
import { expectedUtility } from '../../../src/domain/auctions/utility.js';
import { below, uniform } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';
import type { Micro } from './micro.js';

const BIDS = 100;
const OUTCOMES = 40;
const WORTH = { value: 1, perHour: 0.1 };
const NOBODY: ReadonlySet<string> = new Set();

/** An auction from its bids, which are there as numbers, to its winner. */
export function auction(): Micro {
  const random = randomOf(1, 'micro auction');
  const all = recordOf(random);
  const bidders = Array.from({ length: BIDS }, (_, n) => ({
    agentId: `agent-${n}`,
    load: below(random, 4) / 4,
    evidence: { kind: recordOf(random), bidder: recordOf(random), all },
  }));
  const bidOf = (): Bid => ({
    price: uniform(random, 0.02, 0.12),
    etaMs: uniform(random, 1_000, 100_000),
    confidence: random(),
    note: '',
  });
  return {
    title: `auction of ${BIDS} bids`,
    target: 2_000,
    stretch: 1_000,
    decide() {
      const scored = bidders.flatMap(({ agentId, load, evidence }) => {
        const bid = bidOf();
        if (faultOf(bid)) return [];
        return { agentId, load, score: expectedUtility(calibrate(bid, evidence), WORTH) };
      });
      return award(ranked(scored), NOBODY);
    },
  };
}

function recordOf(random: Random): BidRecord {
  let record = NO_BIDS;
  for (let n = 0; n < OUTCOMES; n += 1) {
    const [said, probability, timeRatio] = [random(), random(), uniform(random, 0.5, 2)];
    const result = { succeeded: random() < probability, said, probability, timeRatio, priceRatio: 1 };
    record = withResult(record, result);
  }
  return record;
}
