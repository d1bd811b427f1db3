import type { LaneStats, QueuedTask, QueuePauseInfo, TierStats } from '@reeve/sdk';
import { relativeTime, span } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import type { Column, View } from './view.js';

const oldestColumn: Column<{ readonly oldestWaitMs?: number }> = {
  title: 'oldestMs',
  value: ({ oldestWaitMs }) => oldestWaitMs,
  text: ({ oldestWaitMs }) => (oldestWaitMs === undefined ? '' : span(oldestWaitMs)),
};

export const TIER_VIEW: View<TierStats> = {
  id: ({ tier }) => tier,
  version: (stats) => JSON.stringify(stats),
  columns: [
    { title: 'tier', value: ({ tier }) => tier },
    { title: 'waiting', value: ({ waiting }) => waiting },
    { title: 'delayed', value: ({ delayed }) => delayed },
    { title: 'reserved', value: ({ reserved }) => reserved },
    { title: 'held', value: ({ held }) => held },
    { ...oldestColumn, title: 'oldest' },
    rateColumn('in/s', ({ rates }) => rates.entered),
    rateColumn('claimed/s', ({ rates }) => rates.claimed),
    rateColumn('ended/s', ({ rates }) => rates.ended),
  ],
};

export const LANE_VIEW: View<LaneStats> = {
  id: ({ kind, tier, requirements }) => `${kind} ${tier} ${JSON.stringify(requirements)}`,
  version: (stats) => JSON.stringify(stats),
  columns: [
    { title: 'kind', value: ({ kind }) => kind },
    { title: 'tier', value: ({ tier }) => tier },
    { title: 'waiting', value: ({ waiting }) => waiting },
    { title: 'reserved', value: ({ reserved }) => reserved },
    { ...oldestColumn, title: 'oldest' },
    {
      title: 'takes',
      value: ({ expectedDurationMs }) => expectedDurationMs,
      text: ({ expectedDurationMs }) => (expectedDurationMs === undefined ? '' : span(expectedDurationMs)),
    },
    { title: 'agents', value: ({ eligibleInstances }) => eligibleInstances },
    { title: 'free', value: ({ freeInstances }) => freeInstances },
    { title: 'held', value: ({ held }) => held, text: ({ held }) => (held ? 'held' : '') },
    {
      title: 'requires',
      value: ({ requirements }) => JSON.stringify(requirements),
      text: ({ requirements }) => clip(safeText(requirementsText(requirements))),
    },
  ],
};

export const PAUSE_VIEW: View<QueuePauseInfo> = {
  id: ({ part }) => partText(part),
  version: ({ pauseTime }) => String(pauseTime.getTime()),
  columns: [
    { title: 'tier', value: ({ part }) => part.tier ?? '*' },
    { title: 'kind', value: ({ part }) => part.kind ?? '*' },
    {
      title: 'since',
      value: ({ pauseTime }) => pauseTime.toISOString(),
      text: ({ pauseTime }, scene) => relativeTime(pauseTime, scene.now),
    },
    { title: 'actor', value: ({ actor }) => actor },
    { title: 'reason', value: ({ reason }) => reason },
  ],
};

export const QUEUED_VIEW: View<QueuedTask> = {
  id: ({ task }) => task.taskId,
  version: ({ position, held }) => `${position} ${held}`,
  columns: [
    { title: 'position', value: ({ position }) => position },
    { title: 'task', value: ({ task }) => task.taskId },
    { title: 'kind', value: ({ task }) => task.kind },
    { title: 'tier', value: ({ task }) => task.tier },
    { title: 'source', value: ({ task }) => task.source },
    {
      title: 'created',
      value: ({ task }) => task.createTime.toISOString(),
      text: ({ task }, scene) => relativeTime(task.createTime, scene.now),
    },
    { title: 'goes', value: goes },
  ],
};

/** `URGENT crawl`, `everything` */
export function partText({ tier, kind }: QueuePauseInfo['part']): string {
  return safeText([tier, kind].filter(Boolean).join(' ')) || 'everything';
}

function goes({ held, hasFreeAgent }: QueuedTask): string {
  if (held) return 'held';
  return hasFreeAgent ? 'now' : 'when an agent is free';
}

function rateColumn(title: string, of: (stats: TierStats) => number): Column<TierStats> {
  return { title, value: of, text: (stats) => of(stats).toFixed(1) };
}

function requirementsText(requirements: LaneStats['requirements']): string {
  return Object.entries(requirements)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ');
}
