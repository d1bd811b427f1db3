import { timestampMs } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { TaskChange } from '../gen/reeve/v1/task_watch_pb.js';
import { hasEnded } from '../names.js';
import { TaskView } from '../protocol.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type TaskInfo, taskInfo } from '../views.js';
import { merge } from './merge.js';
import { linked, reopening } from './reopening.js';
import { taskNotFound } from './task-outcome.js';

export interface WatchOptions {
  /** Ends the watch; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Yield a task only when it has ended. Default false. */
  readonly onlyEnds?: boolean;
}

const MAX_IDS = 1_000;

/** See `Client.watch`. */
export function watchTasks(
  grpc: GrpcClient,
  taskIds: readonly string[],
  { signal, onlyEnds = false }: WatchOptions,
): AsyncGenerator<TaskInfo, void, undefined> {
  const ids = [...new Set(taskIds)];
  return linked(signal, (stop) => {
    const watches: AsyncIterable<TaskInfo>[] = [];
    for (let i = 0; i < ids.length; i += MAX_IDS) {
      watches.push(watchSome(grpc, ids.slice(i, i + MAX_IDS), onlyEnds, stop));
    }
    return merge(watches);
  });
}

async function* watchSome(
  grpc: GrpcClient,
  taskIds: readonly string[],
  onlyEnds: boolean,
  signal: AbortSignal,
): AsyncGenerator<TaskInfo, void, undefined> {
  /** The newest change that was yielded of each task that has not ended. */
  const open = new Map<string, Mark>(taskIds.map((id) => [id, { seq: -1n, progressAt: 0 }]));
  const request = () => (open.size > 0 ? { taskIds: [...open.keys()], view: TaskView.FULL, onlyEnds } : null);
  const messages = reopening(grpc, CoordinatorService.method.watchTasks, { request, signal });
  for await (const { changes } of messages) yield* news(open, changes);
}

/** The newest of a task that was yielded: its change, and the progress since, ms since the epoch. */
interface Mark {
  readonly seq: bigint;
  readonly progressAt: number;
}

/**
 * What of a message is new; a stream that was opened anew begins with what may be known.
 * Progress is news without a change.
 */
function* news(open: Map<string, Mark>, changes: readonly TaskChange[]): Generator<TaskInfo> {
  for (const { task, seq, notFound } of changes) {
    if (!task) continue;
    if (notFound) throw taskNotFound(task.taskId);
    const known = open.get(task.taskId);
    const { updateTime } = task.progress ?? {};
    const progressAt = updateTime ? timestampMs(updateTime) : 0;
    if (known === undefined || seq < known.seq) continue;
    if (seq === known.seq && progressAt <= known.progressAt) continue;
    const info = taskInfo(task);
    if (hasEnded(info.state)) open.delete(task.taskId);
    else open.set(task.taskId, { seq, progressAt });
    yield info;
  }
}
