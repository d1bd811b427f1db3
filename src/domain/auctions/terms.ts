import type { BidSource, OrgConfig } from '../config/org-config.js';
import type { JsonObject, JsonValue } from '../json.js';
import { shown, typeName } from '../policies/answer-fields.js';
import { WrongAnswer } from '../policies/wrong-answer.js';

/** What an auction goes by. */
export interface AuctionTerms {
  readonly bids: BidSource;
  /** How long agents have to bid, in ms. */
  readonly bidTimeMs: number;
  /** What a success is worth, in the unit of prices. */
  readonly value: number;
  /** What each hour until it is done costs. */
  readonly hourCost: number;
  /** A bid that asks for more counts as none. `null`: none does. */
  readonly maxPrice: number | null;
  /** All that the policy said: what expressions see as `auction`. */
  readonly parameters: JsonObject;
}

type TermsConfig = Pick<
  OrgConfig,
  'auctionBids' | 'auctionBidTimeMs' | 'auctionValue' | 'auctionHourCost' | 'auctionMaxPrice'
>;

const MOST = 1e9;
const BID_SECONDS = { min: 0.05, max: 30 } as const;
const NOTHING: JsonObject = {};

/** As the organisation has it. */
export function usualTerms(config: TermsConfig): AuctionTerms {
  return {
    bids: config.auctionBids,
    bidTimeMs: config.auctionBidTimeMs,
    value: config.auctionValue,
    hourCost: config.auctionHourCost,
    maxPrice: config.auctionMaxPrice,
    parameters: NOTHING,
  };
}

/**
 * With what an auction-input policy says: `bids` (`computed` or `live`), `bid_seconds`, `value`, `hour_cost` and
 * `max_price` replace what is usual; whatever else it says is for expressions.
 *
 * @throws {WrongAnswer} for one of these of another form
 */
export function auctionTerms(config: TermsConfig, said: JsonObject): AuctionTerms {
  const usual = usualTerms(config);
  const seconds = numberIn(said, 'bid_seconds', BID_SECONDS);
  return {
    bids: bidsIn(said) ?? usual.bids,
    bidTimeMs: seconds === undefined ? usual.bidTimeMs : Math.round(seconds * 1_000),
    value: numberIn(said, 'value') ?? usual.value,
    hourCost: numberIn(said, 'hour_cost') ?? usual.hourCost,
    maxPrice: numberIn(said, 'max_price') ?? usual.maxPrice,
    parameters: said,
  };
}

function bidsIn({ bids }: JsonObject): BidSource | undefined {
  if (bids === undefined || bids === null) return undefined;
  if (bids === 'computed') return 'COMPUTED';
  if (bids === 'live') return 'LIVE';
  throw new WrongAnswer(`bids must be "computed" or "live", not ${shown(bids)}`);
}

function numberIn(
  said: JsonObject,
  name: string,
  { min, max }: { readonly min: number; readonly max: number } = { min: 0, max: MOST },
): number | undefined {
  const value: JsonValue = said[name] ?? null;
  if (value === null) return undefined;
  if (typeof value !== 'number') throw new WrongAnswer(`${name} must be a number, not ${typeName(value)}`);
  if (value >= min && value <= max) return value;
  throw new WrongAnswer(`${name} must be from ${min} to ${max}, not ${shown(value)}`);
}
