import { covers, type QueuePart } from '../domain/queues/queue-part.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import { type HeadStarts, TIERS, type Tier } from '../domain/tasks/tier.js';
import type { LaneSize, PeekedTask, QueueSizes, TierSize } from '../ports/ready-index.js';
import type { DelayedTasks } from './delayed-tasks.js';
import { byBandAndScore, type Entry, type Group, type Lane } from './lanes.js';
import { waitingSince } from './longest-wait.js';
import { mergedHeads } from './merged-heads.js';
import type { QueueMeter } from './queue-meter.js';
import type { Reservations } from './reservations.js';

export interface QueueParts {
  /** The groups of one organisation, or of all. */
  readonly groups: Iterable<Group>;
  readonly delayed: DelayedTasks;
  readonly reservations: Reservations;
  readonly meter: QueueMeter;
  readonly headStarts: HeadStarts;
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** Counts a part of the queues, lane by lane. @param org `null`: of all */
export function queueSizes(org: string | null, part: QueuePart, parts: QueueParts): QueueSizes {
  const { delayed, reservations, meter, headStarts } = parts;
  const tiers = new Map<Tier, Changing<TierSize>>();
  for (const tier of TIERS) {
    const isIn = part.tier === null || part.tier === tier;
    tiers.set(tier, {
      tier,
      waiting: 0,
      held: 0,
      waitingSince: null,
      delayed: isIn ? delayed.countOf(org, tier) : 0,
      reserved: isIn ? reservations.countOf(org, tier, part.kind) : 0,
      rates: meter.rates(org, tier),
      totals: meter.totals(tier),
    });
  }
  const lanes = new Map<string, Changing<LaneSize>>();
  for (const lane of lanesOf(parts.groups, part)) {
    const { group, tier, held, tasks } = lane;
    const waiting = tasks.size;
    const since = waitingSince(lane, headStarts);
    const size = tiers.get(tier);
    if (size) {
      size.waiting += waiting;
      if (held) size.held += waiting;
      size.waitingSince = earlier(size.waitingSince, since);
    }
    // Groups of retries elsewhere, and bands, are one lane to whoever asks.
    const { kind } = group.kind;
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
      reserved: reservations.countOf(group.org, tier, kind),
      waitingSince: since,
      eligibleInstances: group.eligible.size,
      freeInstances: group.free.size,
      held,
    });
  }
  return { tiers: [...tiers.values()], lanes: [...lanes.values()] };
}

/** The next tasks of a part of the queue in their order, those that nobody could take now among them. */
export function peekQueue(groups: Iterable<Group>, part: QueuePart, max: number): readonly PeekedTask[] {
  const heaps = [...lanesOf(groups, part)].map((lane) => lane.tasks);
  const rank = ({ taskId, score, lane }: Entry) => ({ taskId, score, band: lane.band });
  return mergedHeads(heaps, max, (a, b) => byBandAndScore(rank(a), rank(b))).map(({ taskId, lane }) => ({
    taskId,
    held: lane.held,
    hasFreeAgent: lane.group.free.size > 0,
  }));
}

function* lanesOf(groups: Iterable<Group>, part: QueuePart): Generator<Lane> {
  for (const group of groups) {
    for (const lane of group.lanes.values()) if (covers(part, group.kind.kind, lane.tier)) yield lane;
  }
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
