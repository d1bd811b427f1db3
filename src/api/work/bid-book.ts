import { type Bid, MAX_NOTE } from '../../domain/auctions/bid.js';
import { type BidOutcome, outcomeOf } from '../../domain/auctions/receive-bid.js';
import type { BidAnswer } from '../../ports/bidding.js';
import type { Clock } from '../../ports/clock.js';

/** What an agent said to a request for a bid; `null`: it does not want the task. */
export interface SaidBid {
  readonly auctionId: string;
  readonly bid: Bid | null;
}

/** An auction that waits for bids. */
interface Open {
  readonly taskId: string;
  readonly asked: ReadonlySet<string>;
  readonly closesAt: number;
  readonly bids: Map<string, Bid>;
  readonly answers: Map<string, BidAnswer>;
  readonly close: () => void;
}

/** Told of bids that count for nothing: nobody asked, or they came too late. */
type OnRefused = (outcome: Exclude<BidOutcome['outcome'], 'COUNTED'>) => void;

/** Auctions in which bids are waited for, by their ids. */
export class BidBook {
  readonly #open = new Map<string, Open>();
  readonly #clock: Clock;
  readonly #onRefused: OnRefused;

  constructor(clock: Clock, onRefused: OnRefused) {
    this.#clock = clock;
    this.#onRefused = onRefused;
  }

  /** Waits until all have answered or the time is over, and hands out the answers by agent. */
  wait(
    auctionId: string,
    { taskId, asked, withinMs }: { taskId: string; asked: ReadonlySet<string>; withinMs: number },
  ): Promise<ReadonlyMap<string, BidAnswer>> {
    const answers = new Map<string, BidAnswer>();
    if (asked.size === 0) return Promise.resolve(answers);
    return new Promise((resolve) => {
      const close = () => {
        stop();
        this.#open.delete(auctionId);
        resolve(answers);
      };
      const stop = this.#clock.after(withinMs, close);
      const closesAt = this.#clock.monotonic() + withinMs;
      this.#open.set(auctionId, { taskId, asked, closesAt, bids: new Map(), answers, close });
    });
  }

  /** An agent has said something of an auction of this coordinator. The first it says counts. */
  receive(agentId: string, { auctionId, bid }: SaidBid): void {
    const open = this.#open.get(auctionId);
    if (open?.asked.has(agentId) && open.answers.has(agentId)) {
      this.#onRefused('SECOND_BID');
      return;
    }
    if (bid === null) {
      if (open?.asked.has(agentId)) this.#answer(open, agentId, { kind: 'PASSED' });
      else this.#onRefused(open ? 'NOT_IN_POOL' : 'NOT_ASKED_FOR');
      return;
    }
    const at = this.#clock.monotonic();
    const offered = { taskId: open?.taskId ?? '', agentId, bid, at };
    const said = outcomeOf(open, offered);
    if (said.outcome !== 'COUNTED') this.#onRefused(said.outcome);
    if (!open) return;
    if (said.outcome === 'COUNTED') {
      open.bids.set(agentId, bid);
      this.#answer(open, agentId, { kind: 'BID', bid });
    } else if (said.outcome === 'INVALID') {
      const { field, wanted } = said.fault;
      this.#answer(open, agentId, { kind: 'INVALID', message: `${field} must be ${wanted}` });
    } else if (said.outcome === 'LATE') {
      this.#answer(open, agentId, { kind: 'LATE' });
    }
  }

  #answer(open: Open, agentId: string, answer: BidAnswer): void {
    open.answers.set(agentId, answer);
    if (open.answers.size >= open.asked.size) open.close();
  }
}

/** What came over the wire, before anybody has looked at it. */
export function toSaidBid(said: {
  readonly auctionId: string;
  readonly pass: boolean;
  readonly price: number;
  readonly etaMs: number | null;
  readonly confidence: number;
  readonly note: string;
}): SaidBid {
  const { auctionId, pass, price, confidence, note } = said;
  if (pass) return { auctionId, bid: null };
  // Without one it promises nothing, which is no bid.
  const etaMs = said.etaMs ?? Number.NaN;
  return { auctionId, bid: { price, etaMs, confidence, note: note.slice(0, MAX_NOTE) } };
}
