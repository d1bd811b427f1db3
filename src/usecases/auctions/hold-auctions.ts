import { ranked } from '../../domain/auctions/award.js';
import { type AuctionTrail, type BidEntry, keptBids } from '../../domain/auctions/trail.js';
import type { Decision } from '../../domain/policies/decision.js';
import type { OnPolicyError } from '../../domain/policies/policy.js';
import type { NextBidder } from '../../domain/routing/route.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { Ports } from '../ports.js';
import { type AskedTerms, askTerms } from './ask-terms.js';
import { type Auction, type AuctionQuestion, auctionOf } from './auction.js';
import { readEvidence } from './bidders.js';
import { type AuctionBids, bidsOf } from './bids-of.js';
import { entryOf, type Judged, type JudgedBids, judgeBids } from './judge-bids.js';
import type { Room } from './room.js';
import { scoredBids } from './scored-bids.js';

/** How an auction ended. */
export interface AuctionReply {
  /** The best bid whose agent has room, or may have one task wait for it. `null`: there was none. */
  readonly winner: Judged | null;
  /** Who comes next, the best first. */
  readonly next: readonly NextBidder[];
  /** It has no room now: how long the task waits for it at most, in ms. `null`: it has. */
  readonly waitsMs: number | null;
  readonly decision: Decision | null;
  /** See `AskedTerms`. */
  readonly against: string;
  readonly onError: OnPolicyError;
  readonly trail: AuctionTrail;
}

/** An agent that is not free is waited for so long at most, and no longer than a quarter of what the task takes. */
const MOST_WAIT_MS = 30_000;
const WAIT_SHARE = 1 / 4;
/** Who comes next is kept of so many. */
const MOST_NEXT = 5;

type Needs = Pick<
  Ports,
  'policies' | 'expressions' | 'specs' | 'clock' | 'auctions' | 'bidding' | 'durations'
>;

/** Holds auctions of an organisation, all at once. One reply a question, in order. */
export async function holdAuctions(
  ports: Needs,
  snapshot: OrgSnapshot,
  questions: readonly AuctionQuestion[],
  room: Room,
): Promise<readonly AuctionReply[]> {
  if (questions.length === 0) return [];
  const began = ports.clock.monotonic();
  const asked = await askTerms(
    ports,
    snapshot,
    questions.map(({ task }) => task),
  );
  const auctions = questions.map((question, i) =>
    auctionOf(ports, snapshot, question, asked[i] as AskedTerms),
  );
  const bids = await bidsOf(ports, snapshot, auctions);
  const evidenceOf = await readEvidence(
    ports.auctions,
    snapshot.org,
    auctions.map(({ task, candidates }) => ({
      kind: task.spec.kind,
      agentIds: candidates.map(({ spec }) => spec.agentId),
    })),
  );
  const judged = auctions.map(({ task, candidates, terms }, i) =>
    judgeBids(candidates, bids[i]?.answers ?? [], { kind: task.spec.kind, terms, evidenceOf }),
  );
  const scored = await scoredBids(ports, snapshot, auctions, judged);
  const tookMs = Math.round(ports.clock.monotonic() - began);
  return auctions.map((auction, i) =>
    awarded(auction, scored[i] as JudgedBids, { room, source: (bids[i] as AuctionBids).source, tookMs }),
  );
}

interface Circumstances {
  readonly room: Room;
  readonly source: AuctionBids['source'];
  readonly tookMs: number;
}

function awarded(
  { terms, decision, against, onError, usualMs }: Auction,
  { judged, others }: JudgedBids,
  { room, source, tookMs }: Circumstances,
): AuctionReply {
  const ranking = ranked(judged);
  const winner = ranking.find(({ candidate }) => room.of(candidate) >= 0) ?? null;
  const isFree = winner !== null && room.of(winner.candidate) > 0;
  const fateOf = ({ candidate }: Judged): BidEntry['fate'] =>
    room.of(candidate) >= 0 ? 'COUNTED' : 'HAS_ONE_WAITING';
  const entries = [...ranking.map((one) => entryOf(one, fateOf(one))), ...others];
  const waitsMs =
    winner === null || isFree ? null : Math.min(MOST_WAIT_MS, (usualMs ?? 4 * MOST_WAIT_MS) * WAIT_SHARE);
  if (winner) room.give(winner.agentId);
  const trail: AuctionTrail = {
    ...source,
    value: terms.value,
    hour_cost: terms.hourCost,
    ...(terms.maxPrice !== null && { max_price: terms.maxPrice }),
    winner: winner?.agentId ?? '',
    ...(waitsMs !== null && { waits_ms: waitsMs }),
    ...keptBids(entries),
    took_ms: tookMs,
  };
  const next = ranking.filter((one) => one !== winner).slice(0, MOST_NEXT);
  return {
    ...{ winner, waitsMs, decision, against, onError, trail },
    next: next.map(bidderOf),
  };
}

/** What its route keeps of a bidder. */
export function bidderOf({ agentId, bid: { price, etaMs, confidence }, calibrated }: Judged): NextBidder {
  return { agentId, price, etaMs, confidence, probability: calibrated.probability };
}
