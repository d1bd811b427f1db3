import { type CoordinatorService, TaskState } from '@reeve/sdk/protocol';
import { invalidArgument, taskNotFound } from '../../domain/errors.js';
import type { TaskEvent } from '../../domain/tasks/task.js';
import { type TaskState as DomainState, TASK_STATES } from '../../domain/tasks/task-state.js';
import type { Handlers } from '../call.js';
import { fitting } from '../mapping/lists.js';
import { payloadBytesOf, toProtoTask } from '../mapping/task.js';
import { toProtoEvent } from '../mapping/task-event.js';
import { toDomainView } from '../mapping/task-view.js';
import { cursorOf, pageTokenOf } from '../page-token.js';
import { ANSWER_BYTES, type Context, taskMapping } from './context.js';

/** With payloads a page is at most this long: they are read before they are cut to size. */
const MAX_FULL_PAGE = 50;

export function readHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'getTask' | 'listTasks' | 'listTaskEvents'> {
  const { record } = context.ports;

  return {
    async getTask({ org }, { taskId, view, payloadAs }, call) {
      const id = taskId.toLowerCase();
      const task = await context.watchers.read(org, id, toDomainView(view, 'FULL'));
      if (!task) throw taskNotFound(id);
      return { task: toProtoTask(task, taskMapping(context, call, payloadAs)) };
    },

    async listTasks({ org }, request, call) {
      const states = request.states.map(toDomainState);
      const { kinds, labels } = request;
      const parentTaskId = request.parentTaskId.toLowerCase() || null;
      const view = toDomainView(request.view, 'BASIC');
      const question = ['ListTasks', org, states, kinds, Object.entries(labels).sort(), parentTaskId];
      const beforeId = cursorOf(question, request.pageToken);
      const wanted = request.pageSize || 50;
      const limit = view !== 'BASIC' ? Math.min(wanted, MAX_FULL_PAGE) : wanted;

      const page = await record.listTasks({
        org,
        states,
        kinds,
        labels,
        parentTaskId,
        view,
        limit,
        beforeId,
      });
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
      const cursor = cursorOf(question, request.pageToken);
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

function toDomainState(state: TaskState, i: number): DomainState {
  const name = TaskState[state];
  const found = TASK_STATES.find((known) => known === name);
  if (!found) throw invalidArgument([{ field: `states[${i}]`, description: 'must be a state' }]);
  return found;
}

function eventBytesOf({ reason, detail }: TaskEvent): number {
  return 256 + reason.length + JSON.stringify(detail).length;
}
