import type { AuctionTrail } from '../auctions/trail.js';
import type { TaskEvent } from '../tasks/task.js';
import type { HeldAuction } from './explanation.js';
import { count } from './words.js';

/** The last auction of a task; `null`: there was none. */
export function auctionOf(events: readonly TaskEvent[]): HeldAuction | null {
  const held = events.findLast(({ type, detail }) => type === 'ROUTED' && detail.auction !== undefined);
  return held ? { ...(held.detail.auction as AuctionTrail), time: held.eventTime } : null;
}

/** Why the winner of an auction won, in a sentence. */
export function whyWon(auction: HeldAuction | null, agentId: string): string {
  const bid = auction?.bids.find((one) => one.agent_id === agentId);
  if (!auction || bid?.score === undefined) return 'It won the auction, or came next in it.';
  const ranked = auction.bids.filter(({ score }) => score !== undefined);
  const better = ranked.filter((one) => one !== bid && (one.score ?? 0) > (bid.score ?? 0));
  const [next] = ranked.filter((one) => one !== bid && !better.includes(one));
  const against = next ? `, before ${next.agent_id} with ${figure(next.score)}` : '';
  const after =
    better.length > 0 ? ` ${count(better.length, 'better bid', 'better bids')} did not do it.` : '';
  const said =
    bid.confidence === undefined || bid.probability === undefined
      ? ''
      : ` It said it succeeds with ${figure(bid.confidence)}, taken for ${figure(bid.probability)} by its record.`;
  return `Its bid was worth ${figure(bid.score)}${against}; ${count(ranked.length, 'bid', 'bids')} counted.${after}${said}`;
}

function figure(value: number | undefined): string {
  return String(Number((value ?? 0).toPrecision(3)));
}
