import type { ApprovalInfo } from '@reeve/sdk';
import { relativeTime } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { timeText } from './task-view.js';
import type { View } from './view.js';

export const APPROVAL_VIEW: View<ApprovalInfo> = {
  id: ({ taskId }) => taskId,
  version: ({ verdict = '', dueTime }) => `${verdict} ${dueTime.getTime()}`,
  columns: [
    { title: 'task', value: ({ taskId }) => taskId },
    { title: 'kind', value: ({ kind }) => kind, text: ({ kind }) => clip(safeText(kind), 30) },
    { title: 'submitter', value: ({ submitterSubjectId }) => submitterSubjectId },
    { title: 'reason', value: ({ reason }) => reason, text: ({ reason }) => clip(safeText(reason), 40) },
    { title: 'policy', value: ({ policyId }) => policyId },
    {
      title: 'due',
      value: ({ dueTime }) => dueTime.toISOString(),
      text: ({ dueTime }, scene) => relativeTime(dueTime, scene.now),
    },
    { title: 'default', value: ({ defaultVerdict }) => defaultVerdict },
    { title: 'verdict', value: ({ verdict = '' }) => verdict },
    { title: 'approver', value: ({ approver }) => approver },
  ],
  details: (approval, scene) => [
    ['Task', safeText(approval.taskId)],
    ['Kind', safeText(approval.kind)],
    ['Goal', safeLines(approval.goal)],
    ['Submitter', safeText(approval.submitterSubjectId)],
    ['Reason', safeLines(approval.reason)],
    ['Policy', `${safeText(approval.policyId)} version ${approval.policyVersion}`],
    ['Asked', timeText(approval.createTime, scene)],
    ['Due', timeText(approval.dueTime, scene)],
    ['Default', approval.defaultVerdict],
    ['Verdict', approval.verdict ?? ''],
    ['Approver', safeText(approval.approver)],
    ['Why', safeLines(approval.verdictReason)],
    ['Decided', timeText(approval.verdictTime, scene)],
  ],
};
