import type { OperationInfo } from '@reeve/sdk';
import { relativeTime } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { stateText, timeText } from './task-view.js';
import type { View } from './view.js';

export const OPERATION_VIEW: View<OperationInfo> = {
  id: ({ operationId }) => operationId,
  version: ({ state, updateTime }) => `${state} ${updateTime.getTime()}`,
  columns: [
    { title: 'operation', value: ({ operationId }) => operationId },
    { title: 'verb', value: ({ verb }) => verb },
    { title: 'state', value: ({ state }) => state, text: ({ state }, scene) => stateText(state, scene) },
    { title: 'total', value: ({ totalCount }) => totalCount },
    { title: 'done', value: ({ doneCount }) => doneCount },
    { title: 'skipped', value: ({ skippedCount }) => skippedCount },
    { title: 'failed', value: ({ failedCount }) => failedCount },
    { title: 'dryRun', value: ({ dryRun }) => dryRun, text: ({ dryRun }) => (dryRun ? 'dry run' : '') },
    { title: 'actor', value: ({ actor }) => actor },
    { title: 'reason', value: ({ reason }) => reason, text: ({ reason }) => clip(safeText(reason), 40) },
    {
      title: 'created',
      value: ({ createTime }) => createTime.toISOString(),
      text: ({ createTime }, scene) => relativeTime(createTime, scene.now),
    },
  ],
  details: (operation, scene) => [
    ['Operation', safeText(operation.operationId)],
    ['Does', `${operation.verb}${operation.dryRun ? ', dry run' : ''}`],
    ['State', stateText(operation.state, scene)],
    ['Filter', safeText(filterText(operation))],
    ['Tasks', progressOf(operation)],
    ['By state', countsText(operation.stateCounts)],
    ['By kind', countsText(operation.kindCounts)],
    ['Reason', safeLines(operation.reason)],
    ['Actor', safeText(operation.actor)],
    ['Created', timeText(operation.createTime, scene)],
    ['Updated', timeText(operation.updateTime, scene)],
    ['Ended', timeText(operation.endTime, scene)],
    ['Error', safeLines(operation.error)],
  ],
};

function progressOf({ totalCount, doneCount, skippedCount, failedCount, dryRun }: OperationInfo): string {
  if (dryRun) return `${totalCount} chosen`;
  return `${doneCount} of ${totalCount} done, ${skippedCount} skipped, ${failedCount} failed`;
}

function filterText({ filter }: OperationInfo): string {
  return Object.entries(filter)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** `QUEUED 5,000, RUNNING 210`, the most frequent first. */
export function countsText(counts: Readonly<Record<string, number>>, most = 8): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const shown = sorted
    .slice(0, most)
    .map(([word, count]) => `${clip(safeText(word), 40)} ${count.toLocaleString('en')}`);
  const left = sorted.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join(', ');
}
