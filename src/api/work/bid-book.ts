import type { Bid } from '../../domain/auctions/bid.js';
import { type BidOutcome, outcomeOf } from '../../domain/auctions/receive-bid.js';
import type { BidAnswer } from '../../ports/bidding.js';
import type { Clock } from '../../ports/clock.js';

/** What an agent said to a request for a bid; `null`: it does not want the task, or what it said is wrong. */
export interface SaidBid {
  readonly auctionId: string;
  readonly bid: Bid | null;
  /** What is wrong with it. Left out: nothing. */
  readonly problem?: string;
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

const PASSED: BidAnswer = { kind: 'PASSED' };

/** Auctions that are over are remembered to tell who is late, so many of them. */
const MAX_CLOSED = 1_000;

/** Auctions in which bids are waited for, by their ids. */
export class BidBook {
  readonly #open = new Map<string, Open>();
  readonly #closed = new Set<string>();
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
        this.#remember(auctionId);
        resolve(answers);
      };
      const stop = this.#clock.after(withinMs, close);
      const closesAt = this.#clock.monotonic() + withinMs;
      this.#open.set(auctionId, { taskId, asked, closesAt, bids: new Map(), answers, close });
    });
  }

  /** An agent has said something of an auction of this coordinator. The first it says counts. */
  receive(agentId: string, { auctionId, bid, problem }: SaidBid): void {
    if (this.#closed.has(auctionId)) {
      this.#onRefused('LATE');
      return;
    }
    const open = this.#open.get(auctionId);
    if (open?.asked.has(agentId) && open.answers.has(agentId)) {
      this.#onRefused('SECOND_BID');
      return;
    }
    if (bid === null) {
      if (problem !== undefined) this.#onRefused('INVALID');
      const answer = problem === undefined ? PASSED : ({ kind: 'INVALID', message: problem } as const);
      if (open?.asked.has(agentId)) this.#answer(open, agentId, answer);
      else if (problem === undefined) this.#onRefused(open ? 'NOT_IN_POOL' : 'NOT_ASKED_FOR');
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

  #remember(auctionId: string): void {
    this.#closed.add(auctionId);
    const [oldest] = this.#closed;
    if (this.#closed.size > MAX_CLOSED && oldest !== undefined) this.#closed.delete(oldest);
  }

  #answer(open: Open, agentId: string, answer: BidAnswer): void {
    open.answers.set(agentId, answer);
    if (open.answers.size >= open.asked.size) open.close();
  }
}
