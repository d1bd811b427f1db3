import { type Bid, faultOf } from '../../domain/auctions/bid.js';
import { type Calibrated, calibrate } from '../../domain/auctions/calibrate.js';
import type { AuctionTerms } from '../../domain/auctions/terms.js';
import type { BidEntry } from '../../domain/auctions/trail.js';
import { expectedUtility } from '../../domain/auctions/utility.js';
import type { BidAnswer } from '../../ports/bidding.js';
import type { AgentStanding } from '../../ports/ready-index.js';
import type { EvidenceOf } from './bidders.js';

/** A bid that can be ranked. */
export interface Judged {
  readonly agentId: string;
  readonly candidate: AgentStanding;
  readonly bid: Bid;
  readonly calibrated: Calibrated;
  /** The expected utility, until an expression says otherwise. */
  readonly score: number;
  readonly load: number;
}

/** Those that can be ranked, and how the others came to nothing. */
export interface JudgedBids {
  readonly judged: readonly Judged[];
  readonly others: readonly BidEntry[];
}

/** What bids are worth by what their agents were worth so far. */
export function judgeBids(
  candidates: readonly AgentStanding[],
  answers: readonly BidAnswer[],
  {
    kind,
    terms,
    evidenceOf,
  }: { readonly kind: string; readonly terms: AuctionTerms; readonly evidenceOf: EvidenceOf },
): JudgedBids {
  const judged: Judged[] = [];
  const others: BidEntry[] = [];
  const worth = { value: terms.value, perHour: terms.hourCost };
  for (const [i, candidate] of candidates.entries()) {
    const { agentId } = candidate.spec;
    const answer = answers[i] ?? { kind: 'NO_BID' };
    if (answer.kind !== 'BID') {
      const message = answer.kind === 'INVALID' ? { message: answer.message } : {};
      others.push({ agent_id: agentId, fate: answer.kind, ...message });
      continue;
    }
    const { bid } = answer;
    const fault = faultOf(bid);
    if (fault) {
      const message = `${fault.field} must be ${fault.wanted}`;
      others.push({ agent_id: agentId, fate: 'INVALID', message });
    } else if (terms.maxPrice !== null && bid.price > terms.maxPrice) {
      others.push({ agent_id: agentId, fate: 'OVER_PRICE', ...said(bid) });
    } else {
      const calibrated = calibrate(bid, evidenceOf(agentId, kind));
      const load = candidate.slots === 0 ? 1 : candidate.inFlight / candidate.slots;
      judged.push({ agentId, candidate, bid, calibrated, score: expectedUtility(calibrated, worth), load });
    }
  }
  return { judged, others };
}

/** A ranked bid as the trail keeps it. */
export function entryOf({ agentId, bid, calibrated, score, load }: Judged, fate: BidEntry['fate']): BidEntry {
  return {
    agent_id: agentId,
    fate,
    ...said(bid),
    probability: calibrated.probability,
    expected_price: calibrated.price,
    expected_eta_ms: Math.round(calibrated.etaMs),
    score,
    load,
  };
}

function said({ price, etaMs, confidence, note }: Bid) {
  return { price, eta_ms: Math.round(etaMs), confidence, ...(note !== '' && { note }) };
}
