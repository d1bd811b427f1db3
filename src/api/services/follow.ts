import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  CoordinatorService,
  TaskChangeSchema,
  WatchTasksRequest,
  WatchTasksResponseSchema,
} from '@reeve/sdk/protocol';
import { invalidArgument, taskNotFound } from '../../domain/errors.js';
import type { Task } from '../../domain/tasks/task.js';
import { isTerminal } from '../../domain/tasks/task-state.js';
import type { Call, Handlers } from '../call.js';
import { linkSignals } from '../link-signals.js';
import { fitting } from '../mapping/lists.js';
import { payloadBytesOf, type TaskMapping, toProtoTask } from '../mapping/task.js';
import { toDomainView } from '../mapping/task-view.js';
import { msOf } from '../mapping/time.js';
import type { WatchedTask } from '../task-watch.js';
import { ANSWER_BYTES, type Context, shuttingDown, taskMapping } from './context.js';
import { watchSelected } from './watch-selected.js';

const MAX_WAIT_MS = 20_000;

export function followHandlers(
  context: Context,
): Pick<Handlers<typeof CoordinatorService>, 'waitTask' | 'watchTasks'> {
  const { watchers, closing } = context;

  return {
    async waitTask({ org }, request, call) {
      const taskId = request.taskId.toLowerCase();
      const maxWaitMs = msOf(request.maxWait) ?? MAX_WAIT_MS;
      const task =
        (await untilEnded(org, taskId, maxWaitMs, call)) ?? (await watchers.read(org, taskId, 'FULL'));
      if (!task) throw taskNotFound(taskId);
      const mapping = taskMapping(context, call, request.payloadAs);
      return { task: toProtoTask(task, mapping), ended: isTerminal(task.state) };
    },

    async *watchTasks({ org }, request, call) {
      requireOneChoice(request);
      if (request.selector) {
        yield* watchSelected(context, org, request, call);
        throwIfClosing(call);
        return;
      }
      const ids = [...new Set(request.taskIds.map((id) => id.toLowerCase()))];
      const view = toDomainView(request.view, 'FULL');
      const linked = linkSignals([call.signal, closing]);
      const mapping = taskMapping(context, call, request.payloadAs);
      const { signal } = linked;
      try {
        const options = { view, onlyEnds: request.onlyEnds, signal, signsOfLife: true };
        for await (const told of watchers.watch(org, ids, options)) {
          if (told.length === 0) yield { changes: [] };
          else yield* inMessages(told, mapping);
        }
      } finally {
        linked.release();
      }
      throwIfClosing(call);
    },
  };

  /** `null`: it has not ended, or does not exist. */
  async function untilEnded(
    org: string,
    taskId: string,
    maxWaitMs: number,
    call: Call,
  ): Promise<Task | null> {
    const timeUp = new AbortController();
    const stopTimer = context.ports.clock.after(maxWaitMs, () => timeUp.abort());
    const linked = linkSignals([call.signal, closing, timeUp.signal]);
    const { signal } = linked;
    try {
      for await (const told of watchers.watch(org, [taskId], { view: 'FULL', onlyEnds: true, signal })) {
        return told[0]?.task ?? null;
      }
    } finally {
      stopTimer();
      linked.release();
    }
    throwIfClosing(call);
    return null;
  }

  function throwIfClosing(call: Call): void {
    if (closing.aborted && !call.signal.aborted) throw shuttingDown();
  }
}

/** Splits what a watch tells of into messages that their reader can take. */
function* inMessages(
  told: readonly WatchedTask[],
  mapping: TaskMapping,
): Generator<MessageInitShape<typeof WatchTasksResponseSchema>> {
  for (let rest = told; rest.length > 0; ) {
    const part = fitting(rest, ANSWER_BYTES, ({ task }) => (task ? payloadBytesOf(task) : 0));
    yield { changes: part.map((watched) => toProtoChange(watched, mapping)) };
    rest = rest.slice(part.length);
  }
}

function toProtoChange(
  { taskId, task }: WatchedTask,
  mapping: TaskMapping,
): MessageInitShape<typeof TaskChangeSchema> {
  if (!task) return { task: { taskId }, notFound: true };
  return { task: toProtoTask(task, mapping), seq: BigInt(task.seq) };
}

function requireOneChoice({
  taskIds,
  selector,
  onlyEnds,
  skipSnapshot,
  resumeToken,
}: WatchTasksRequest): void {
  const refuse = (field: string, description: string) => invalidArgument([{ field, description }]);
  if (taskIds.length === 0 && !selector) throw refuse('task_ids', 'either task_ids or selector must be set');
  if (taskIds.length > 0 && selector) throw refuse('selector', 'excludes task_ids');
  if (selector && onlyEnds) throw refuse('only_ends', 'goes with task_ids; a selector names states');
  if (!selector && skipSnapshot) throw refuse('skip_snapshot', 'goes with a selector');
  if (!selector && resumeToken) throw refuse('resume_token', 'goes with a selector');
}
