import { create } from '@bufbuild/protobuf';
import { durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { type Bid, type BidRequest, type BidRequests, BidSchema } from '../gen/reeve/v1/work_pb.js';
import { sourceName, type TaskSource, type Tier, tierName } from '../names.js';
import { decodePayload } from '../payload.js';
import { plainText } from '../text.js';
import type { Logger } from './log.js';
import type { ToServer } from './work-stream.js';

/** A task that is auctioned. */
export interface AuctionedTask {
  readonly taskId: string;
  readonly kind: string;
  /** Decoded like that of a handler. */
  readonly input: unknown;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty if none was given; so is `intent`. */
  readonly goal: string;
  readonly intent: string;
  readonly source: TaskSource;
  readonly tier: Tier;
  /** How long there is to bid, in ms. */
  readonly withinMs: number;
}

/** What an agent offers to do a task for. */
export interface OfferedBid {
  /** What it costs, at least 0, in the unit of the organisation's `auction_value`. Default 0. */
  readonly price?: number;
  /** Within which time from now the task will be done, in ms. */
  readonly etaMs: number;
  /** How likely it succeeds, from 0 to 1. The coordinator remembers how often that came true. */
  readonly confidence: number;
  /** In words, for the trail, at most 1,000 characters. */
  readonly note?: string;
}

/** Says what an agent would do a task for; `null`: it does not want it. */
export type Bidder = (task: AuctionedTask) => OfferedBid | null | Promise<OfferedBid | null>;

const MAX_NOTE = 1_000;

/** Answers requests for bids, each as soon as its bid is made. */
export class Bidding {
  readonly #bidder: Bidder;
  readonly #log: Logger;
  readonly #send: (message: ToServer) => void;

  constructor(bidder: Bidder, log: Logger, send: (message: ToServer) => void) {
    this.#bidder = bidder;
    this.#log = log;
    this.#send = send;
  }

  received({ requests }: Pick<BidRequests, 'requests'>): void {
    for (const request of requests) void this.#bid(request);
  }

  async #bid(request: BidRequest): Promise<void> {
    const { auctionId, taskId } = request;
    let bid: Bid;
    try {
      const offered = await this.#bidder(taskOf(request));
      bid = bidOf(auctionId, offered);
    } catch (error) {
      this.#log.warn('no bid was made', { taskId, error: String(error) });
      bid = bidOf(auctionId, null);
    }
    this.#send({ case: 'bids', value: { $typeName: 'reeve.v1.Bids', bids: [bid] } });
  }
}

function taskOf({ taskId, spec, within }: BidRequest): AuctionedTask {
  return {
    taskId,
    kind: spec?.kind ?? '',
    input: decodePayload(spec?.input),
    labels: { ...spec?.labels },
    goal: spec?.goal ?? '',
    intent: spec?.intent ?? '',
    source: sourceName(spec?.source ?? 0),
    tier: tierName(spec?.tier ?? 0),
    withinMs: within ? durationMs(within) : 0,
  };
}

function bidOf(auctionId: string, offered: OfferedBid | null | undefined): Bid {
  if (!offered) return create(BidSchema, { auctionId, pass: true });
  const { price = 0, etaMs, confidence, note = '' } = offered;
  // What is no number cannot be sent as a duration; the coordinator says what is wrong with it.
  const eta = Number.isFinite(etaMs) ? { eta: durationFromMs(Math.round(etaMs)) } : {};
  return create(BidSchema, { auctionId, price, confidence, note: plainText(note, MAX_NOTE), ...eta });
}
