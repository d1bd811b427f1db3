import type { TaskEventInfo } from '@reeve/sdk';
import { json } from './json.js';
import { relativeTime } from './relative-time.js';
import { safeText } from './safe-text.js';
import { clip } from './table.js';
import { stateText } from './task-view.js';
import type { View } from './view.js';

/** Wide enough for what names a task. */
const WIDEST_DETAIL = 100;

export const EVENT_VIEW: View<TaskEventInfo> = {
  id: (event) => `${event.taskId}/${event.seq}`,
  version: (event) => String(event.seq),
  columns: [
    { title: 'seq', value: (event) => event.seq },
    {
      title: 'time',
      value: (event) => event.eventTime.toISOString(),
      text: (event, scene) => relativeTime(event.eventTime, scene.now),
    },
    { title: 'event', value: (event) => event.type },
    { title: 'state', value: (event) => event.state, text: (event, scene) => stateText(event.state, scene) },
    { title: 'attempt', value: (event) => event.attempt },
    { title: 'epoch', value: (event) => event.epoch },
    { title: 'agent', value: (event) => event.agentId || undefined },
    { title: 'by', value: (event) => event.actorSubjectId || undefined },
    { title: 'reason', value: (event) => event.reason || undefined },
    { title: 'detail', value: detail, text: (event) => clip(safeText(pairs(event)), WIDEST_DETAIL) },
  ],
};

function detail(event: TaskEventInfo): string | undefined {
  const isEmpty = !event.detail || Object.keys(event.detail).length === 0;
  return isEmpty ? undefined : json(event.detail).replace(/\n\s*/g, ' ');
}

/** `upstream_state=FAILED upstream_task_id=…` */
function pairs({ detail = {} }: TaskEventInfo): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
