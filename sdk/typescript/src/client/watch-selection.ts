import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { WatchTasksResponse } from '../gen/reeve/v1/task_watch_pb.js';
import { TaskView } from '../protocol.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type TaskInfo, taskInfo } from '../views.js';
import type { TaskSelection, TaskUpdate } from './client.js';
import { linked, reopening } from './reopening.js';
import { filterMessage } from './task-filter.js';

/** See `Client.watch`. */
export function watchSelection(
  grpc: GrpcClient,
  selection: TaskSelection,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskUpdate, void, undefined> {
  return linked(signal, (stop) => updates(grpc, selection, stop));
}

async function* updates(
  grpc: GrpcClient,
  { filter, full = false, skipSnapshot = false }: TaskSelection,
  signal: AbortSignal,
): AsyncGenerator<TaskUpdate, void, undefined> {
  let resumeToken = '';
  let interrupted = false;
  let snapshot: TaskInfo[] = [];
  const request = () => {
    snapshot = [];
    const skip = skipSnapshot && !interrupted;
    const view = full ? TaskView.FULL : TaskView.BASIC;
    return { selector: filterMessage(filter), view, resumeToken, skipSnapshot: skip };
  };
  const recovers = ({ code }: { readonly code: string }) => {
    if (code !== 'OUT_OF_RANGE') return false;
    resumeToken = '';
    interrupted = true;
    return true;
  };
  const messages = reopening(grpc, CoordinatorService.method.watchTasks, { request, recovers, signal });
  for await (const message of messages) {
    const { bookmark } = message;
    if (message.snapshot) {
      for (const { task } of message.changes) if (task) snapshot.push(taskInfo(task));
      if (bookmark?.snapshotComplete) {
        yield { type: 'SNAPSHOT', tasks: snapshot, truncated: bookmark.snapshotTruncated };
        snapshot = [];
      }
    } else yield* changesOf(message);
    resumeToken = bookmark?.resumeToken || resumeToken;
  }
}

function* changesOf({ changes }: WatchTasksResponse): Generator<TaskUpdate> {
  for (const { task, left, notFound } of changes) {
    if (!task) continue;
    if (left) yield { type: 'LEFT', taskId: task.taskId, task: notFound ? undefined : taskInfo(task) };
    else yield { type: 'CHANGED', task: taskInfo(task) };
  }
}
