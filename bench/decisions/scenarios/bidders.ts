import { calibrationErrorOf, NO_BINS, withForecast } from '../../../src/domain/auctions/bins.js';
import {
  type Auctioneer,
  anyone,
  cheapest,
  clairvoyant,
  reeve,
  trueUtility,
  trusting,
} from '../auctions/auctioneers.js';
import { rounds } from '../auctions/bidders.js';
import { randomOf } from '../chance/random.js';
import { atMost, type Figures, PRODUCT, type Scenario } from '../scenario.js';

const AUCTIONS = 4_000;
const QUARTERS = 4;

const AUCTIONEERS: Readonly<Record<string, (seed: number) => Auctioneer>> = {
  [PRODUCT]: reeve,
  trusting,
  cheapest,
  random: (seed) => anyone(randomOf(seed, 'policy')),
  clairvoyant,
};

function run(seed: number, policy: string): Figures {
  return auctionedBy((AUCTIONEERS[policy] ?? reeve)(seed), seed);
}

/** Exported so that a test can try an auctioneer that is worse. */
export function auctionedBy(auctioneer: Auctioneer, seed: number, auctions = AUCTIONS): Figures {
  const best = Array.from({ length: QUARTERS }, () => 0);
  const lost = Array.from({ length: QUARTERS }, () => 0);
  let [settled, squared, timed, covered] = [0, 0, 0, 0];
  let bins = NO_BINS;
  let n = 0;
  for (const round of rounds(seed, auctions)) {
    const chosen = auctioneer.choose(round);
    const { bid, taken } = chosen;
    const quarter = Math.floor((n * QUARTERS) / auctions);
    const most = Math.max(...round.bids.map(trueUtility));
    best[quarter] = (best[quarter] ?? 0) + most;
    lost[quarter] = (lost[quarter] ?? 0) + most - trueUtility(bid);
    if (quarter % 2 === 1) {
      const hit = bid.succeeds ? 1 : 0;
      settled += 1;
      squared += (taken.probability - hit) ** 2;
      bins = withForecast(bins, taken.probability, hit, 1);
      if (bid.succeeds) {
        timed += 1;
        const [from, to] = taken.etaBetweenMs;
        if (bid.tookMs >= from && bid.tookMs <= to) covered += 1;
      }
    }
    auctioneer.ended(round, chosen);
    n += 1;
  }
  const regret = (...quarters: readonly number[]) => sumOf(lost, quarters) / sumOf(best, quarters);
  return {
    settled: regret(1, 3),
    learning: regret(0),
    swapped: regret(2),
    brier: squared / settled,
    calibration: calibrationErrorOf(bins) ?? 0,
    coverage: covered / timed,
  };
}

function sumOf(values: readonly number[], at: readonly number[]): number {
  return at.reduce((sum, n) => sum + (values[n] ?? 0), 0);
}

export const BIDDERS: Scenario = {
  id: 'S8',
  title: 'Bidders that boast',
  about: `${AUCTIONS} auctions of four kinds of tasks among twelve bidders. What they can do is Beta(2, 3); they say 0.35 ± 0.15 more than is true, 15 % of them always 0.99, and times a quarter too short. Halfway they swap their skills, two and two. Success is worth 1, prices are 0.02 to 0.12. Regret is what the choice was worth less than the best bid, in parts of that. Settled are the second half before the swap and the second half after it.`,
  policies: Object.keys(AUCTIONEERS),
  metrics: [
    { id: 'settled', title: 'regret, settled', unit: 'share', goal: atMost(0.05, 0.03) },
    { id: 'learning', title: 'regret in the first quarter', unit: 'share' },
    { id: 'swapped', title: 'regret in the quarter after the swap', unit: 'share' },
    { id: 'brier', title: 'Brier score of the winners', unit: 'score', goal: atMost(0.22, 0.21) },
    { id: 'calibration', title: 'their calibration error', unit: 'score', goal: atMost(0.05, 0.03) },
    { id: 'coverage', title: 'real times within the 80 % interval', unit: 'share' },
  ],
  run,
};
