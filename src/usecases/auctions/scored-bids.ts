import type { JsonObject } from '../../domain/json.js';
import type { Evaluation } from '../../ports/expression-engine.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Auction } from './auction.js';
import { candidateFields, scoreFrom } from './computed-bids.js';
import { entryOf, type Judged, type JudgedBids } from './judge-bids.js';

/** What bids are worth by the organisation's expression; without one by their expected utility, as they are. */
export async function scoredBids(
  { expressions }: Pick<Ports, 'expressions'>,
  { org, config }: OrgSnapshot,
  auctions: readonly Auction[],
  bids: readonly JudgedBids[],
): Promise<readonly JudgedBids[]> {
  const { auctionScoreExpression: expression } = config;
  if (expression === null) return bids;
  const outcomes = await expressions.evaluate(
    org,
    auctions.map((auction, i) => scoreEvaluation(expression, auction, bids[i]?.judged ?? [])),
  );
  return bids.map(({ judged, others }, i) => {
    const ranked: Judged[] = [];
    const failed = [...others];
    for (const [n, one] of judged.entries()) {
      const outcome = outcomes[i]?.[n];
      const score = outcome ? scoreFrom(outcome) : 'the score expression gave no answer';
      if (typeof score === 'number') ranked.push({ ...one, score });
      else failed.push({ ...entryOf(one, 'INVALID'), message: score });
    }
    return { judged: ranked, others: failed };
  });
}

function scoreEvaluation(
  expression: string,
  { shared, usualMs }: Auction,
  judged: readonly Judged[],
): Evaluation {
  const own = judged.map(({ candidate, bid, calibrated, score }): JsonObject => {
    const { price, etaMs, confidence, note } = bid;
    return {
      candidate: candidateFields(candidate, usualMs),
      bid: {
        ...{ price, confidence, note, eta_seconds: etaMs / 1_000 },
        probability: calibrated.probability,
        expected_price: calibrated.price,
        expected_eta_seconds: calibrated.etaMs / 1_000,
        utility: score,
      },
    };
  });
  return { expression, shared, own };
}
