import type { TaskInfo } from '@reeve/sdk';
import type { Colors } from './colors.js';
import { json } from './json.js';
import { relativeTime, span } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import type { Scene, View } from './view.js';

const STATE_COLORS: Readonly<Record<string, keyof Colors>> = {
  BLOCKED: 'yellow',
  QUEUED: 'yellow',
  ASSIGNED: 'cyan',
  RUNNING: 'cyan',
  SUCCEEDED: 'green',
  FAILED: 'red',
  DEAD_LETTER: 'red',
  TIMED_OUT: 'red',
  REJECTED: 'red',
  CANCELLED: 'dim',
  SKIPPED: 'dim',
  INITIALIZING: 'cyan',
  RESOLVING: 'cyan',
  PROCESSING: 'cyan',
  COMPLETING: 'cyan',
  EXPANDING: 'cyan',
  ESCALATED: 'yellow',
  PARTIAL: 'yellow',
  WAITING: 'dim',
};

export function stateText(state: string, { colors }: Scene): string {
  const name = STATE_COLORS[state];
  const paint = name ? colors[name] : undefined;
  return typeof paint === 'function' ? paint(state) : state;
}

export function progressText(task: TaskInfo): string {
  if (!task.progress) return '';
  const percent = `${Math.floor(task.progress.fraction * 100)} %`;
  return clip(safeText(`${percent} ${task.progress.text ?? ''}`.trim()), 40);
}

export const TASK_VIEW: View<TaskInfo> = {
  id: (task) => task.taskId,
  version: (task) =>
    [task.etag, task.state, task.epoch, task.progress?.fraction, task.progress?.text].join(' '),
  columns: [
    { title: 'task', value: (task) => task.taskId },
    { title: 'kind', value: (task) => task.kind },
    { title: 'state', value: (task) => task.state, text: (task, scene) => stateText(task.state, scene) },
    { title: 'tier', value: (task) => task.tier },
    { title: 'source', value: (task) => task.source },
    { title: 'agent', value: (task) => task.agentId || undefined },
    { title: 'attempt', value: (task) => task.attempt },
    { title: 'progress', value: (task) => task.progress?.fraction, text: progressText },
    {
      title: 'created',
      value: (task) => task.createTime?.toISOString(),
      text: (task, scene) => relativeTime(task.createTime, scene.now),
    },
    {
      title: 'finished',
      value: (task) => task.finishTime?.toISOString(),
      text: (task, scene) => relativeTime(task.finishTime, scene.now),
    },
  ],
  details: (task, scene) => [
    ['Task', safeText(task.taskId)],
    ['Kind', safeText(task.kind)],
    ['State', [stateText(task.state, scene), progressText(task)].filter(Boolean).join('  ')],
    ['Reason', safeText(task.reason ?? '')],
    ['Tier', `${task.tier}, ${task.source}`],
    ['Goal', safeLines(task.goal ?? '')],
    ['Intent', safeLines(task.intent ?? '')],
    ['Labels', pairsText(task.labels)],
    ['Parent', safeText(task.parentTaskId ?? '')],
    ['Workflow', workflowText(task)],
    ['Instructions', safeLines(task.brief?.instructions ?? '')],
    ['Agent', safeText(task.agentId ?? '')],
    ['Attempt', task.attempt > 0 ? `${task.attempt} (series ${task.series}, epoch ${task.epoch})` : ''],
    ['Sent back', task.preemptions > 0 ? String(task.preemptions) : ''],
    ['Checkpoint', checkpointText(task, scene)],
    ['Created', timeText(task.createTime, scene)],
    ['Runs at', task.state === 'SCHEDULED' ? timeText(task.runTime, scene) : ''],
    [task.state === 'BLOCKED' ? 'Waits for' : 'Depends on', dependenciesText(task)],
    ['Deadline', timeText(task.deadline, scene)],
    ['Started', timeText(task.startTime, scene)],
    ['Finished', timeText(task.finishTime, scene)],
    ['Took', tookText(task)],
    ['Error', task.error ? safeLines(`${task.error.kind}: ${task.error.message}`) : ''],
    ['Summary', safeLines(task.summary ?? '')],
    ['Input', valueText(task.input)],
    ['Output', valueText(task.output)],
    ['Goes on from', valueText(task.checkpoint?.content)],
  ],
};

export function pairsText(pairs: Readonly<Record<string, string>> | undefined): string {
  return safeText(
    Object.entries(pairs ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  );
}

/** `3m ago (2026-10-01T12:00:00.000Z)` */
export function timeText(time: Date | undefined, scene: Scene): string {
  return time ? `${relativeTime(time, scene.now)} ${scene.colors.dim(`(${time.toISOString()})`)}` : '';
}

/** `118 bytes, 3m ago (…), by epoch 2` */
function checkpointText({ checkpoint }: TaskInfo, scene: Scene): string {
  if (!checkpoint) return '';
  const { sizeBytes, updateTime, epoch } = checkpoint;
  return `${sizeBytes} bytes, ${timeText(updateTime, scene)}, by epoch ${epoch}`;
}

/** `01a2… read.digest, 3 of 12 (letters.txt)` */
function workflowText({ workflow, item }: TaskInfo): string {
  if (!workflow) return '';
  const name = item && item.identifier !== String(item.sequenceNum) ? ` (${item.identifier})` : '';
  const place = item ? `, ${item.sequenceNum} of ${item.totalCount}${name}` : '';
  return safeText(`${workflow.workflowId} ${workflow.groupId}.${workflow.taskId}${place}`);
}

function dependenciesText({ state, dependsOn = [], pendingDependencies }: TaskInfo): string {
  if (dependsOn.length === 0) return '';
  const ids = dependsOn.map(({ taskId, runAnyway }) => `${taskId}${runAnyway ? ' (however it ends)' : ''}`);
  const count = state === 'BLOCKED' ? `${pendingDependencies} of ${dependsOn.length}: ` : '';
  return safeText(`${count}${ids.join(', ')}`);
}

function tookText(task: TaskInfo): string {
  if (!task.startTime || !task.finishTime) return '';
  return span(task.finishTime.getTime() - task.startTime.getTime());
}

function valueText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? safeLines(value) : json(value);
}
