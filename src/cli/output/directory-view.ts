import type { RoleInfo, SubjectInfo } from '@reeve/sdk';
import { relativeTime } from './relative-time.js';
import { safeLines, safeText } from './safe-text.js';
import { clip } from './table.js';
import { timeText } from './task-view.js';
import type { Scene, View } from './view.js';

type Kept = Pick<RoleInfo, 'groupIds' | 'attributes' | 'updateTime'>;

const SHARED: View<Kept>['columns'] = [
  { title: 'groups', value: ({ groupIds }) => groupIds.join(' '), text: ({ groupIds }) => listed(groupIds) },
  {
    title: 'attributes',
    value: ({ attributes }) => JSON.stringify(attributes),
    text: ({ attributes }) => attributesText(attributes, 40),
  },
  {
    title: 'updated',
    value: ({ updateTime }) => updateTime?.toISOString(),
    text: ({ updateTime }, { now }) => (updateTime ? relativeTime(updateTime, now) : ''),
  },
];

export const ROLE_VIEW: View<RoleInfo> = {
  id: ({ roleId }) => roleId,
  version: (role) => JSON.stringify(role),
  columns: [
    { title: 'role', value: ({ roleId }) => roleId },
    { title: 'type', value: ({ roleType }) => roleType },
    {
      title: 'space',
      value: ({ jobSpaceId }) => jobSpaceId,
      text: ({ jobSpaceId }) => spaceText(jobSpaceId),
    },
    ...SHARED,
  ],
  details: (role, scene) => [
    ['Role', safeText(role.roleId)],
    ['Type', safeText(role.roleType)],
    ['Job space', spaceText(role.jobSpaceId)],
    ...shared(role, scene),
    ['Description', safeLines(role.description)],
  ],
};

export const SUBJECT_VIEW: View<SubjectInfo> = {
  id: ({ subjectId }) => subjectId,
  version: (subject) => JSON.stringify(subject),
  columns: [
    { title: 'subject', value: ({ subjectId }) => subjectId },
    { title: 'type', value: ({ subjectType }) => subjectType },
    { title: 'roles', value: ({ roleIds }) => roleIds.join(' '), text: ({ roleIds }) => listed(roleIds) },
    ...SHARED,
  ],
  details: (subject, scene) => [
    ['Subject', safeText(subject.subjectId)],
    ['Type', safeText(subject.subjectType)],
    ['Roles', safeText(subject.roleIds.join(', '))],
    ...shared(subject, scene),
  ],
};

function shared({ groupIds, attributes, updateTime }: Kept, scene: Scene): [string, string][] {
  return [
    ['Groups', safeText(groupIds.join(', '))],
    ['Attributes', attributesText(attributes, 2_000)],
    ['Updated', timeText(updateTime, scene)],
  ];
}

function spaceText(jobSpaceId: string): string {
  return jobSpaceId === '' ? 'all' : safeText(jobSpaceId);
}

function listed(ids: readonly string[]): string {
  return clip(safeText(ids.join(' ')), 40);
}

function attributesText(attributes: object, most: number): string {
  return Object.keys(attributes).length === 0 ? '' : clip(safeText(JSON.stringify(attributes)), most);
}
