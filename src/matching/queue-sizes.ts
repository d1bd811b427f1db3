import { covers, type QueuePart } from '../domain/queues/queue-part.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import { TIERS, type Tier } from '../domain/tasks/tier.js';
import type {
  HeadStarts,
  LaneSize,
  QueueRates,
  QueueSizes,
  StandBack,
  TierSize,
} from '../ports/ready-index.js';
import type { Group, Lane, LaneTasks } from './lanes.js';

/** What is counted, besides the lanes themselves. */
export interface QueueCounts<Tasks extends LaneTasks> {
  /** The groups of one organisation, or of all. */
  readonly groups: Iterable<Group<Tasks>>;
  readonly delayed: (tier: Tier) => number;
  /** @param kind `null`: of all kinds */
  readonly reserved: (org: string | null, tier: Tier, kind: string | null) => number;
  readonly rates: (tier: Tier) => QueueRates;
  readonly totals: (tier: Tier) => QueueRates;
  /** See `waitingSince`. */
  readonly since: (lane: Lane<Tasks>, headStartMs: number) => number | null;
  readonly headStarts: HeadStarts;
  readonly standBack: StandBack | undefined;
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** Counts a part of the queues, lane by lane. @param org `null`: of all */
export function queueSizes<Tasks extends LaneTasks>(
  org: string | null,
  part: QueuePart,
  counts: QueueCounts<Tasks>,
): QueueSizes {
  const { groups, delayed, reserved, rates, totals, headStarts, standBack = () => 0 } = counts;
  const tiers = new Map<Tier, Changing<TierSize>>();
  for (const tier of TIERS) {
    const isIn = part.tier === null || part.tier === tier;
    tiers.set(tier, {
      tier,
      waiting: 0,
      held: 0,
      waitingSince: null,
      delayed: isIn ? delayed(tier) : 0,
      reserved: isIn ? reserved(org, tier, part.kind) : 0,
      rates: rates(tier),
      totals: totals(tier),
    });
  }
  const lanes = new Map<string, Changing<LaneSize>>();
  for (const lane of lanesOf(groups, part)) {
    const { group, tier, held, tasks } = lane;
    const waiting = tasks.size;
    const { kind } = group.kind;
    const since = counts.since(lane, headStarts[tier] - standBack(group.org, kind, tier));
    const size = tiers.get(tier);
    if (size) {
      size.waiting += waiting;
      if (held) size.held += waiting;
      size.waitingSince = earlier(size.waitingSince, since);
    }
    // Groups of retries elsewhere, and bands, are one lane to whoever asks.
    const key = `${group.org} ${kind} ${tier} ${signatureOf(group.requirements)}`;
    const known = lanes.get(key);
    if (known) {
      known.waiting += waiting;
      known.waitingSince = earlier(known.waitingSince, since);
      known.eligibleInstances = Math.max(known.eligibleInstances, group.eligible.size);
      known.freeInstances = Math.max(known.freeInstances, group.free.size);
      continue;
    }
    lanes.set(key, {
      kind,
      tier,
      requirements: group.requirements,
      waiting,
      reserved: reserved(group.org, tier, kind),
      waitingSince: since,
      eligibleInstances: group.eligible.size,
      freeInstances: group.free.size,
      held,
    });
  }
  return { tiers: [...tiers.values()], lanes: [...lanes.values()] };
}

/** The lanes of a part of the queue. */
export function* lanesOf<Tasks extends LaneTasks>(
  groups: Iterable<Group<Tasks>>,
  part: QueuePart,
): Generator<Lane<Tasks>> {
  for (const group of groups) {
    for (const lane of group.lanes.values()) if (covers(part, group.kind.kind, lane.tier)) yield lane;
  }
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
