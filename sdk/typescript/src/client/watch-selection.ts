import { CoordinatorService, type WatchTasksResponse } from '../gen/reeve/v1/coordinator_service_pb.js';
import { TaskView } from '../protocol.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type TaskInfo, taskInfo } from '../views.js';
import type { TaskFilter } from './client.js';
import { linked, reopening } from './reopening.js';
import { filterMessage } from './task-filter.js';

/** Which tasks to follow, now and later. */
export interface TaskSelection {
  /** `{}` chooses all of the organisation. */
  readonly filter: TaskFilter;
  /** With input and output. Default false. */
  readonly full?: boolean;
  /** Begin with what changes from now on. Default false. */
  readonly skipSnapshot?: boolean;
}

/** What a watch by a filter tells. */
export type TaskUpdate =
  /**
   * Takes the place of all that was told before. It comes first, and again after an interruption
   * that was too long to make up for. Newest first, at most 10,000; those that have ended only if
   * the filter asks for them. `truncated`: there are more.
   */
  | { readonly type: 'SNAPSHOT'; readonly tasks: readonly TaskInfo[]; readonly truncated: boolean }
  /** A task came, or changed. After an interruption it may be the same as before. */
  | { readonly type: 'CHANGED'; readonly task: TaskInfo }
  /** It is not chosen any more; perhaps it was never told of. */
  | { readonly type: 'LEFT'; readonly taskId: string; readonly task: TaskInfo | undefined };

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
