import { type CoordinatorService, PayloadView } from '@reeve/sdk/protocol';
import { ReeveError, taskNotFound } from '../../domain/errors.js';
import type { Task } from '../../domain/tasks/task.js';
import { cancelTasks } from '../../usecases/cancel-tasks.js';
import { retryTasks } from '../../usecases/retry-tasks.js';
import type { Handlers } from '../call.js';
import { toProtoTask } from '../mapping/task.js';
import { msOf } from '../mapping/time.js';
import { type Context, taskMapping } from './context.js';

export function steerHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'cancelTask' | 'retryTask'> {
  const cancel = cancelTasks(context.ports);
  const retry = retryTasks(context.ports);

  return {
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

function orThrow(task: Task | ReeveError | undefined, taskId: string): Task {
  if (task instanceof ReeveError) throw task;
  if (!task) throw taskNotFound(taskId);
  return task;
}
