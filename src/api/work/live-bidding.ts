import type { BidAnswer, BidCall, Bidding } from '../../ports/bidding.js';
import type { Clock } from '../../ports/clock.js';
import type { InstanceView } from '../../ports/fleet.js';
import type { IdSource } from '../../ports/id-source.js';
import type { Relay } from '../../ports/relay.js';
import { BidBook, type SaidBid } from './bid-book.js';

/** A task that an agent is asked about. */
export interface AskedBid {
  readonly auctionId: string;
  readonly taskId: string;
  /** The whole spec. */
  readonly body: Uint8Array;
  readonly withinMs: number;
}

export interface LiveBiddingOptions {
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'uuid'>;
  readonly relay: Relay;
  /** Asks a process of an agent that is connected here and bids; false: there is none. */
  readonly askHere: (org: string, agentId: string, asked: readonly AskedBid[]) => boolean;
  /** The processes of an agent, wherever they are connected. */
  readonly instancesOf: (org: string, agentId: string) => readonly InstanceView[];
  /** Told of bids that count for nothing, for the metrics. */
  readonly onRefused: (outcome: string) => void;
}

/**
 * Asks agents for bids, on whichever coordinator they are: what is asked of those that are not connected here is told
 * to the others, and what they answer comes back to who asked.
 */
export class LiveBidding implements Bidding {
  readonly #options: LiveBiddingOptions;
  readonly #book: BidBook;

  constructor(options: LiveBiddingOptions) {
    const { relay, clock, onRefused, askHere } = options;
    this.#options = options;
    this.#book = new BidBook(clock, onRefused);
    relay.on('bid-requests', ({ org, agentId, asked }) => {
      askHere(
        org,
        agentId,
        asked.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body, 'base64') })),
      );
    });
    relay.on('bids', ({ agentId, bids }) => {
      for (const bid of bids) this.#book.receive(agentId, bid);
    });
  }

  ask(calls: readonly BidCall[]): Promise<readonly (readonly BidAnswer[])[]> {
    return Promise.all(calls.map((call) => this.#ask(call)));
  }

  /** An agent that is connected here has bid; whose auction that is its id says. */
  received(org: string, agentId: string, bids: readonly SaidBid[]): void {
    const { relay } = this.#options;
    for (const bid of bids) {
      const owner = ownerOf(bid.auctionId);
      if (owner === relay.coordinatorId) this.#book.receive(agentId, bid);
      else if (owner !== '') relay.send('bids', { org, agentId, bids: [bid] }, owner);
    }
  }

  async #ask({ org, taskId, body, agentIds, withinMs }: BidCall): Promise<readonly BidAnswer[]> {
    const { ids, relay, askHere, instancesOf } = this.#options;
    const auctionId = `${relay.coordinatorId}:${ids.uuid()}`;
    const able = agentIds.filter((agentId) => instancesOf(org, agentId).some(({ bids }) => bids === true));
    const answered = this.#book.wait(auctionId, { taskId, asked: new Set(able), withinMs });
    const text = Buffer.from(body).toString('base64');
    for (const agentId of able) {
      if (askHere(org, agentId, [{ auctionId, taskId, body, withinMs }])) continue;
      relay.send('bid-requests', { org, agentId, asked: [{ auctionId, taskId, body: text, withinMs }] });
    }
    const answers = await answered;
    const asked = new Set(able);
    return agentIds.map((agentId) => {
      return answers.get(agentId) ?? { kind: asked.has(agentId) ? 'NO_BID' : 'CANNOT_BID' };
    });
  }
}

function ownerOf(auctionId: string): string {
  const end = auctionId.lastIndexOf(':');
  return end === -1 ? '' : auctionId.slice(0, end);
}
