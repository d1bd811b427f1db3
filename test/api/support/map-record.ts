import type { Task } from '../../../src/domain/tasks/task.js';
import { isChosen } from '../../../src/domain/tasks/task-filter.js';
import type { TaskRecord, TaskView } from '../../../src/ports/task-record.js';
import { changeOf, eventOf, newTask, viewOf } from './tasks.js';

/** What was read of the record, and how much of it. */
export interface Read {
  readonly ids: readonly string[];
  readonly view: TaskView | 'STATE';
}

/** A record over `tasks`, which adds to `reads` what is asked of it. */
export function createMapRecord(tasks: Map<string, Task>, reads: Read[]) {
  const requests = new Map<string, string>();
  return {
    async submitTasks(items) {
      return items.map((item) => {
        const key = item.request && `${item.org} ${item.request.requestId}`;
        const known = key ? tasks.get(requests.get(key) ?? '') : undefined;
        if (known) return { kind: 'ALREADY_SUBMITTED', change: changeOf(known) };
        const task = newTask(item);
        tasks.set(item.taskId, task);
        if (key) requests.set(key, item.taskId);
        return {
          kind: 'SUBMITTED',
          change: changeOf(task),
          lease: null,
          score: task.score,
          band: 'OTHER',
          urged: [],
        };
      });
    },
    async getTasks(org, ids, view) {
      reads.push({ ids, view });
      return ids.map((id) => {
        const task = tasks.get(id);
        return task?.org === org ? viewOf(task, view) : null;
      });
    },
    async getTaskStates(_org, ids) {
      reads.push({ ids, view: 'STATE' });
      return ids.map((id) => tasks.get(id)?.state ?? null);
    },
    async listTasks({ org, filter, limit, beforeId, view }) {
      const found = [...tasks.values()]
        .filter((task) => task.org === org && (beforeId === null || task.taskId < beforeId))
        .filter((task) => isChosen(filter, task))
        .sort((a, b) => (a.taskId < b.taskId ? 1 : -1));
      const page = found.slice(0, limit);
      return {
        tasks: page.map((task) => viewOf(task, view)),
        beforeId: found.length > limit ? (page.at(-1)?.taskId ?? null) : null,
      };
    },
    async listTaskEvents(_org, taskId, afterSeq, limit) {
      const task = tasks.get(taskId);
      return Array.from({ length: task?.seq ?? 0 }, (_, i) => eventOf(taskId, i + 1))
        .filter((event) => event.seq > afterSeq)
        .slice(0, limit);
    },
  } satisfies Partial<TaskRecord>;
}
