import { type CoordinatorService, PayloadView } from '@reeve/sdk/protocol';
import { ReeveError, taskNotFound } from '../../domain/errors.js';
import type { Task } from '../../domain/tasks/task.js';
import { cancelTasks } from '../../usecases/cancel-tasks.js';
import { retryTasks } from '../../usecases/retry-tasks.js';
import { updateTask } from '../../usecases/update-task.js';
import type { Handlers } from '../call.js';
import { toProtoTask } from '../mapping/task.js';
import { toRevise } from '../mapping/task-update.js';
import { msOf } from '../mapping/time.js';
import { type Context, taskMapping } from './context.js';

export function steerHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'updateTask' | 'cancelTask' | 'retryTask'> {
  const cancel = cancelTasks(context.ports);
  const retry = retryTasks(context.ports);

  const update = updateTask(context.ports);

  return {
    async updateTask(principal, request, call) {
      const taskId = request.taskId.toLowerCase();
      const revise = toRevise(request, principal, context.ports.clock.now());
      const task = await update(principal, { taskId, seq: seqOf(request.etag), revise });
      return { task: toProtoTask(task, taskMapping(context, call, PayloadView.DATA)) };
    },

    async cancelTask(principal, { taskId, reason, grace }, call) {
      const id = taskId.toLowerCase();
      const [task] = await cancel(principal, [{ taskId: id, reason, graceMs: msOf(grace) }]);
      return { task: toProtoTask(orThrow(task, id), taskMapping(context, call, PayloadView.DATA)) };
    },

    async retryTask(principal, { taskId, reason }, call) {
      const id = taskId.toLowerCase();
      const [task] = await retry(principal, [{ taskId: id, reason }]);
      return { task: toProtoTask(orThrow(task, id), taskMapping(context, call, PayloadView.DATA)) };
    },
  };
}

/** `null`: none was given. One that is none of ours matches no task. */
function seqOf(etag: string): number | null {
  if (etag === '') return null;
  return /^\d{1,15}$/.test(etag) ? Number(etag) : -1;
}

function orThrow(task: Task | ReeveError | undefined, taskId: string): Task {
  if (task instanceof ReeveError) throw task;
  if (!task) throw taskNotFound(taskId);
  return task;
}
