import { choice, duration, expression, number } from './config-key.js';
import { BID_SOURCES, DEFAULT_ORG_CONFIG } from './org-config.js';

const SECOND = 1_000;
const D = DEFAULT_ORG_CONFIG;

/** Parameters of auctions, each by its place in `OrgConfig`. */
export const AUCTION_KEYS = {
  auctionBids: choice(
    'auction_bids',
    BID_SOURCES,
    D.auctionBids,
    'With agent_resolution_strategy auction: bids are computed for all that may get the task, or asked of them.',
  ),
  auctionBidTimeMs: duration(
    'auction_bid_time',
    { min: 50, max: 30 * SECOND },
    D.auctionBidTimeMs,
    'How long agents have to bid.',
  ),
  auctionValue: number(
    'auction_value',
    { min: 0, max: 1e9 },
    D.auctionValue,
    'What the success of an auctioned task is worth, in the unit of prices.',
  ),
  auctionHourCost: number(
    'auction_hour_cost',
    { min: 0, max: 1e9 },
    D.auctionHourCost,
    'What each hour until an auctioned task is done costs, in the unit of prices.',
  ),
  auctionMaxPrice: number(
    'auction_max_price',
    { min: 0, max: 1e9 },
    null,
    'Bids that ask for more are refused. Default: none is.',
  ),
  auctionBidExpression: expression(
    'auction_bid_expression',
    'Makes the bid of a candidate: a map of price, eta_seconds, confidence. Default: what is built in.',
  ),
  auctionScoreExpression: expression(
    'auction_score_expression',
    'Answers what a bid is worth, a number; the highest wins. Default: the expected utility.',
  ),
} as const;
