import type { Bid } from '../../../src/domain/auctions/bid.js';
import { below, beta, lognormal, normal, uniform } from '../chance/distributions.js';
import { type Random, randomOf } from '../chance/random.js';

const BIDDERS = 12;
const KINDS = 4;
const EXCESS = { mean: 0.35, deviation: 0.15 } as const;
const REPORT_NOISE = 0.08;
/** Of these part says always the same, whatever it can do. */
const BOASTERS = 0.15;
const BOAST = 0.99;
const PRICE = { least: 0.02, most: 0.12 } as const;
const MEDIAN_MS = 60_000;
const SIGMA = 0.5;
/** ln of said ÷ real: a quarter too early, as a rule. */
const HASTE = { mean: -0.3, deviation: 0.4 } as const;

/** A bid beside what nobody knows. */
export interface TrueBid {
  readonly agentId: string;
  readonly bid: Bid;
  readonly probability: number;
  readonly succeeds: boolean;
  readonly tookMs: number;
}

export interface Round {
  readonly kind: string;
  readonly bids: readonly TrueBid[];
}

interface Bidder {
  readonly agentId: string;
  /** By kind, that it succeeds. */
  skills: readonly number[];
  readonly excess: number;
  readonly boasts: boolean;
}

/** Auctions one after the other; halfway bidders swap their skills, two and two. */
export function* rounds(seed: number, count: number): Generator<Round> {
  const roll = randomOf(seed, 'workload');
  const noise = randomOf(seed, 'noise');
  const bidders = Array.from({ length: BIDDERS }, (_, n): Bidder => {
    return {
      agentId: `bidder-${String(n).padStart(2, '0')}`,
      skills: Array.from({ length: KINDS }, () => beta(roll, 2, 3)),
      excess: EXCESS.mean + EXCESS.deviation * normal(roll),
      boasts: roll() < BOASTERS,
    };
  });
  for (let n = 0; n < count; n += 1) {
    if (n === Math.floor(count / 2)) swapSkills(bidders);
    const kind = below(roll, KINDS);
    yield { kind: `kind-${kind}`, bids: bidders.map((bidder) => bidOf(bidder, kind, roll, noise)) };
  }
}

function bidOf(
  { agentId, skills, excess, boasts }: Bidder,
  kind: number,
  roll: Random,
  noise: Random,
): TrueBid {
  const probability = skills[kind] as number;
  const tookMs = lognormal(roll, MEDIAN_MS, SIGMA);
  const report = probability + excess + REPORT_NOISE * normal(noise);
  const confidence = boasts ? BOAST : Math.min(1, Math.max(0, report));
  const etaMs = tookMs * Math.exp(HASTE.mean + HASTE.deviation * normal(noise));
  const price = uniform(roll, PRICE.least, PRICE.most);
  const bid = { price, etaMs, confidence, note: '' };
  return { agentId, bid, probability, succeeds: roll() < probability, tookMs };
}

function swapSkills(bidders: readonly Bidder[]): void {
  for (let n = 0; n + 1 < bidders.length; n += 2) {
    const [a, b] = [bidders[n] as Bidder, bidders[n + 1] as Bidder];
    [a.skills, b.skills] = [b.skills, a.skills];
  }
}
