import type { AuctionTrail } from '../../domain/auctions/trail.js';
import type { BidAnswer } from '../../ports/bidding.js';
import type { ExpressionOutcome } from '../../ports/expression-engine.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import type { Auction } from './auction.js';
import { bidEvaluation, bidFrom, builtInBid } from './computed-bids.js';

/** What was bid in an auction, in the order of its candidates, and where that came from. */
export interface AuctionBids {
  readonly answers: readonly BidAnswer[];
  readonly source: Pick<AuctionTrail, 'bids_are' | 'instead'>;
}

/** Live auctions of an organisation at once; the bids of further ones are computed. */
export const MOST_LIVE = 32;

const NO_ANSWER: ExpressionOutcome = { ok: false, failure: 'ERROR', message: 'there was no answer' };

/** Asks for bids, or computes them: each kind in one go. */
export async function bidsOf(
  ports: Pick<Ports, 'expressions' | 'bidding'>,
  snapshot: OrgSnapshot,
  auctions: readonly Auction[],
): Promise<readonly AuctionBids[]> {
  const wanted = auctions.filter(({ terms, against }) => terms.bids === 'LIVE' && against === '');
  const live = wanted.slice(0, MOST_LIVE);
  const computed = auctions.filter((auction) => !live.includes(auction));
  const [asked, made] = await Promise.all([
    askLive(ports, snapshot.org, live),
    compute(ports, snapshot, computed),
  ]);
  const answers = new Map<Auction, readonly BidAnswer[]>([...asked, ...made]);
  return auctions.map((auction): AuctionBids => {
    const given = answers.get(auction) ?? [];
    if (live.includes(auction)) return { answers: given, source: { bids_are: 'LIVE' } };
    const isInstead = wanted.includes(auction);
    const instead = `${MOST_LIVE} live auctions of the organisation are open`;
    return { answers: given, source: { bids_are: 'COMPUTED', ...(isInstead && { instead }) } };
  });
}

async function askLive(
  { bidding }: Pick<Ports, 'bidding'>,
  org: string,
  auctions: readonly Auction[],
): Promise<readonly (readonly [Auction, readonly BidAnswer[]])[]> {
  if (auctions.length === 0) return [];
  const answers = await bidding.ask(
    auctions.map(({ task, candidates, terms }) => ({
      org,
      taskId: task.taskId,
      body: task.spec.body,
      agentIds: candidates.map(({ spec }) => spec.agentId),
      withinMs: terms.bidTimeMs,
    })),
  );
  return auctions.map((auction, i) => [auction, answers[i] ?? []] as const);
}

async function compute(
  { expressions }: Pick<Ports, 'expressions'>,
  { org, config }: OrgSnapshot,
  auctions: readonly Auction[],
): Promise<readonly (readonly [Auction, readonly BidAnswer[]])[]> {
  const { auctionBidExpression: expression } = config;
  const builtIn = auctions.map(({ candidates, usualMs }) =>
    candidates.map((one) => builtInBid(one, usualMs)),
  );
  if (expression === null || auctions.length === 0) return auctions.map((one, i) => [one, builtIn[i] ?? []]);
  const outcomes = await expressions.evaluate(
    org,
    auctions.map((auction) => bidEvaluation(expression, auction)),
  );
  return auctions.map((auction, i) => {
    const answers = (builtIn[i] ?? []).map((usual, n) => {
      return usual.kind === 'BID' ? bidFrom(outcomes[i]?.[n] ?? NO_ANSWER, usual.bid) : usual;
    });
    return [auction, answers] as const;
  });
}
