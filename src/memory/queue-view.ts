import type { QueuePart } from '../domain/queues/queue-part.js';
import type { HeadStarts } from '../domain/tasks/tier.js';
import { byBandAndScore } from '../matching/lanes.js';
import { mergedHeads } from '../matching/merged-heads.js';
import { lanesOf, queueSizes as sizesOf } from '../matching/queue-sizes.js';
import { MAX_LOOKS, waitingSince } from '../matching/waiting-since.js';
import type { PeekedTask, QueueSizes } from '../ports/ready-index.js';
import type { DelayedTasks } from './delayed-tasks.js';
import type { Entry, MemoryGroup } from './entry.js';
import type { QueueMeter } from './queue-meter.js';
import type { Reservations } from './reservations.js';

export interface QueueParts {
  /** The groups of one organisation, or of all. */
  readonly groups: Iterable<MemoryGroup>;
  readonly delayed: DelayedTasks;
  readonly reservations: Reservations;
  readonly meter: QueueMeter;
  readonly headStarts: HeadStarts;
}

/** Counts a part of the queues, lane by lane. @param org `null`: of all */
export function queueSizes(org: string | null, part: QueuePart, parts: QueueParts): QueueSizes {
  const { groups, delayed, reservations, meter, headStarts } = parts;
  return sizesOf(org, part, {
    groups,
    delayed: (tier) => delayed.countOf(org, tier),
    reserved: (of, tier, kind) => reservations.countOf(of, tier, kind),
    rates: (tier) => meter.rates(org, tier),
    totals: (tier) => meter.totals(tier),
    since: ({ tasks, tier }) =>
      waitingSince(tasks.peek(), tier, headStarts, () =>
        mergedHeads([tasks], MAX_LOOKS, (a, b) => a.score - b.score),
      ),
  });
}

/** The next tasks of a part of the queue in their order, those that nobody could take now among them. */
export function peekQueue(
  groups: Iterable<MemoryGroup>,
  part: QueuePart,
  max: number,
): readonly PeekedTask[] {
  const heaps = [...lanesOf(groups, part)].map((lane) => lane.tasks);
  const rank = ({ taskId, score, lane }: Entry) => ({ taskId, score, band: lane.band });
  return mergedHeads(heaps, max, (a, b) => byBandAndScore(rank(a), rank(b))).map(({ taskId, lane }) => ({
    taskId,
    held: lane.held,
    hasFreeAgent: lane.group.free.size > 0,
  }));
}
