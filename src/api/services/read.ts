import type { CoordinatorService } from '@reeve/sdk/protocol';
import { taskNotFound } from '../../domain/errors.js';
import type { TaskEvent } from '../../domain/tasks/task.js';
import type { Handlers } from '../call.js';
import { fitting } from '../mapping/lists.js';
import { payloadBytesOf, toProtoCheckpoint, toProtoTask } from '../mapping/task.js';
import { toProtoEvent } from '../mapping/task-event.js';
import { toDomainFilter } from '../mapping/task-filter.js';
import { toDomainView } from '../mapping/task-view.js';
import { CURSORS, cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context, taskMapping } from './context.js';

/** With payloads a page is at most this long: they are read before they are cut to size. */
const MAX_FULL_PAGE = 50;

export function readHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'getTask' | 'listTasks' | 'listTaskEvents'> {
  const { record } = context.ports;

  return {
    async getTask({ org }, { taskId, view, payloadAs, withCheckpoint }, call) {
      const id = taskId.toLowerCase();
      const task = await context.watchers.read(org, id, toDomainView(view, 'FULL'));
      if (!task) throw taskNotFound(id);
      const mapping = taskMapping(context, call, payloadAs);
      const left = task.hasCheckpoint ? await record.getCheckpoint(task) : null;
      const checkpoint = left ? toProtoCheckpoint(left, mapping.payloads, withCheckpoint) : undefined;
      return { task: toProtoTask(task, mapping, checkpoint) };
    },

    async listTasks({ org }, request, call) {
      const filter = toDomainFilter(request.filter, 'filter');
      const view = toDomainView(request.view, 'BASIC');
      const question = ['ListTasks', org, filter];
      const beforeId = cursorOf(question, request.pageToken, CURSORS.ID);
      const wanted = request.pageSize || 50;
      const limit = view !== 'BASIC' ? Math.min(wanted, MAX_FULL_PAGE) : wanted;

      const page = await record.listTasks({ org, filter, view, limit, beforeId });
      const tasks = fitting(page.tasks, ANSWER_BYTES, payloadBytesOf);
      const cursor = tasks.length < page.tasks.length ? (tasks.at(-1)?.taskId ?? null) : page.beforeId;
      const mapping = taskMapping(context, call, request.payloadAs);
      return {
        tasks: tasks.map((task) => toProtoTask(task, mapping)),
        nextPageToken: cursor === null ? '' : pageTokenOf(question, cursor),
      };
    },

    async listTaskEvents({ org }, request) {
      const taskId = request.taskId.toLowerCase();
      const question = ['ListTaskEvents', org, taskId];
      const cursor = cursorOf(question, request.pageToken, CURSORS.NUMBER);
      const limit = request.pageSize || 100;
      const found = await record.listTaskEvents(org, taskId, Number(cursor ?? 0), limit);
      if (found.length === 0 && !(await context.watchers.read(org, taskId, 'BASIC')))
        throw taskNotFound(taskId);
      const events = fitting(found, ANSWER_BYTES, eventBytesOf);
      const more = events.length < found.length || found.length === limit;
      const last = events.at(-1);
      return {
        events: events.map(toProtoEvent),
        nextPageToken: more && last ? pageTokenOf(question, String(last.seq)) : '',
      };
    },
  };
}

function eventBytesOf({ reason, detail }: TaskEvent): number {
  return 256 + reason.length + JSON.stringify(detail).length;
}
