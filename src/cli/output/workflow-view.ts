import type { WorkflowEventInfo, WorkflowInfo } from '@reeve/sdk';
import { json } from './json.js';
import { relativeTime, span } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { pairsText, stateText, timeText } from './task-view.js';
import type { Scene, View } from './view.js';
import { workflowTree } from './workflow-tree.js';

const MOST_LINES = 40;

export const WORKFLOW_VIEW: View<WorkflowInfo> = {
  id: ({ workflowId }) => workflowId,
  version: ({ version, progress: p }) => [version, p.totalCount, p.succeededCount, p.failedCount].join(' '),
  columns: [
    { title: 'workflow', value: ({ workflowId }) => workflowId },
    { title: 'name', value: ({ name }) => name || undefined },
    { title: 'state', value: ({ state }) => state, text: ({ state }, scene) => stateText(state, scene) },
    { title: 'total', value: ({ progress }) => counted(progress, 'totalCount') },
    { title: 'succeeded', value: ({ progress }) => counted(progress, 'succeededCount') },
    { title: 'failed', value: ({ progress }) => counted(progress, 'failedCount') },
    { title: 'progress', value: ({ progress }) => counted(progress, 'fraction'), text: percentText },
    { title: 'run', value: ({ run }) => run },
    {
      title: 'reason',
      value: ({ reason }) => reason || undefined,
      text: ({ reason }) => clip(safeText(reason), 40),
    },
    {
      title: 'created',
      value: ({ createTime }) => createTime.toISOString(),
      text: ({ createTime }, scene) => relativeTime(createTime, scene.now),
    },
    {
      title: 'finished',
      value: ({ finishTime }) => finishTime?.toISOString(),
      text: ({ finishTime }, scene) => relativeTime(finishTime, scene.now),
    },
  ],
  details: (workflow, scene) => [
    ['Workflow', safeText(workflow.workflowId)],
    ['Name', safeText(workflow.name)],
    ['State', `${stateText(workflow.state, scene)}  ${percentText(workflow)}`.trimEnd()],
    ['Reason', safeLines(workflow.reason)],
    ['Run', workflow.run > 1 ? String(workflow.run) : ''],
    ['Labels', pairsText(workflow.labels)],
    ['Submitter', safeText(workflow.submitterSubjectId)],
    ['Created', timeText(workflow.createTime, scene)],
    ['Deadline', timeText(workflow.deadline, scene)],
    ['Finished', timeText(workflow.finishTime, scene)],
    ['Took', tookText(workflow)],
    ['Nodes', workflow.nodes.length > 0 ? workflowTree(workflow, scene).slice(1).join('\n') : ''],
    ['Context', workflow.context === undefined ? '' : beginning(json(workflow.context))],
    ['Spec', workflow.spec === undefined ? '' : json(workflow.spec)],
  ],
};

export const WORKFLOW_EVENT_VIEW: View<WorkflowEventInfo> = {
  id: ({ seq }) => String(seq),
  version: ({ seq }) => String(seq),
  columns: [
    { title: 'seq', value: ({ seq }) => seq },
    {
      title: 'time',
      value: ({ eventTime }) => eventTime.toISOString(),
      text: ({ eventTime }, scene) => relativeTime(eventTime, scene.now),
    },
    { title: 'event', value: ({ type }) => type },
    { title: 'state', value: ({ state }) => state, text: ({ state }, scene) => stateText(state, scene) },
    { title: 'node', value: ({ node }) => node || undefined },
    {
      title: 'nodeState',
      value: ({ nodeState }) => nodeState,
      text: ({ nodeState = '' }, scene) => stateText(nodeState, scene),
    },
    { title: 'by', value: ({ actorSubjectId }) => actorSubjectId || undefined },
    { title: 'reason', value: ({ reason }) => reason || undefined },
    {
      title: 'detail',
      value: ({ detail }) => (Object.keys(detail).length > 0 ? JSON.stringify(detail) : undefined),
      text: ({ detail }) =>
        Object.keys(detail).length > 0 ? clip(safeText(JSON.stringify(detail)), 100) : '',
    },
  ],
};

/** What of a workflow has changed, in a line. */
export interface WorkflowChange {
  readonly at: Date;
  /** `group` or `group.task`; empty: the workflow. */
  readonly node: string;
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly reason: string;
}

export const WORKFLOW_CHANGE_VIEW: View<WorkflowChange> = {
  id: ({ node }) => node,
  version: ({ state, done, total, reason }) => [state, done, total, reason].join(' '),
  columns: [
    { title: 'time', value: ({ at }) => at.toISOString().slice(11, 19) },
    { title: 'node', value: ({ node }) => node || '.' },
    {
      title: 'state',
      value: ({ state }) => state,
      text: ({ state }, scene: Scene) => stateText(state, scene),
    },
    { title: 'done', value: ({ done, total }) => (total > 0 ? `${done}/${total}` : undefined) },
    { title: 'reason', value: ({ reason }) => reason || undefined },
  ],
};

/** Lists do not count. */
function counted(
  progress: WorkflowInfo['progress'],
  name: keyof WorkflowInfo['progress'],
): number | undefined {
  return progress.totalCount > 0 ? progress[name] : undefined;
}

function percentText({ progress }: WorkflowInfo): string {
  if (progress.totalCount === 0) return '';
  return `${Math.floor(progress.fraction * 100)} %`;
}

function tookText({ createTime, finishTime }: WorkflowInfo): string {
  return finishTime ? span(finishTime.getTime() - createTime.getTime()) : '';
}

/** What people can take in; `-o json` has all of it. */
function beginning(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= MOST_LINES) return text;
  return `${lines.slice(0, MOST_LINES).join('\n')}\n… and ${lines.length - MOST_LINES} more lines`;
}
