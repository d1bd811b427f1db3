import type { Tier } from '../domain/tasks/tier.js';
import { BUCKET_MS, BUCKETS, rateOf } from '../matching/rates.js';
import type { Clock } from '../ports/clock.js';
import type { QueueRates } from '../ports/ready-index.js';

/** What moves a queue. */
export type QueueMove = keyof QueueRates;

/** Organisations whose rates are kept; the one that was met first is forgotten first. */
const MAX_ORGS = 10_000;

/** Moves by tier: counts over the last minute. */
class Meter {
  readonly #buckets: { at: number; readonly counts: Record<QueueMove, number> }[] = [];
  readonly since: number;

  constructor(now: number) {
    this.since = now;
  }

  add(move: QueueMove, now: number): void {
    const at = Math.floor(now / BUCKET_MS);
    let bucket = this.#buckets.at(-1);
    if (bucket?.at !== at) {
      bucket = { at, counts: { entered: 0, claimed: 0, ended: 0 } };
      this.#buckets.push(bucket);
      if (this.#buckets.length > BUCKETS) this.#buckets.shift();
    }
    bucket.counts[move] += 1;
  }

  /** A second, over the last minute, or since the first move if that is later. */
  rate(move: QueueMove, now: number): number {
    return rateOf(
      this.#buckets.map(({ at, counts }) => ({ at, count: counts[move] })),
      this.since,
      now,
    );
  }
}

/** How fast tasks move through the queues, by organisation and tier. */
export class QueueMeter {
  readonly #clock: Clock;
  readonly #orgs = new Map<string, Map<Tier, Meter>>();
  readonly #totals = new Map<Tier, Record<QueueMove, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(org: string, tier: Tier, move: QueueMove): void {
    const now = this.#clock.monotonic();
    const known = this.#orgs.get(org);
    const [oldest] = this.#orgs.keys();
    if (!known && this.#orgs.size >= MAX_ORGS && oldest !== undefined) this.#orgs.delete(oldest);
    const meters = known ?? new Map<Tier, Meter>();
    if (!known) this.#orgs.set(org, meters);
    const meter = meters.get(tier) ?? new Meter(now);
    meters.set(tier, meter);
    meter.add(move, now);
    const totals = this.#totals.get(tier) ?? { entered: 0, claimed: 0, ended: 0 };
    this.#totals.set(tier, totals);
    totals[move] += 1;
  }

  /** Tasks a second over the last minute. @param org `null`: of all */
  rates(org: string | null, tier: Tier): QueueRates {
    const now = this.#clock.monotonic();
    const orgs = org === null ? [...this.#orgs.values()] : [this.#orgs.get(org)];
    const meters = orgs.flatMap((meters) => meters?.get(tier) ?? []);
    const rate = (move: QueueMove) => meters.reduce((sum, meter) => sum + meter.rate(move, now), 0);
    return { entered: rate('entered'), claimed: rate('claimed'), ended: rate('ended') };
  }

  /** Since the start, of all organisations. */
  totals(tier: Tier): QueueRates {
    return { entered: 0, claimed: 0, ended: 0, ...this.#totals.get(tier) };
  }
}
