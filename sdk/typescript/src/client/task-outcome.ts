import type { Task } from '../gen/reeve/v1/task_pb.js';
import type { TaskState } from '../names.js';
import { ReeveError } from '../transport/errors.js';
import { type TaskErrorInfo, type TaskInfo, taskInfo } from '../views.js';

/** A task that was waited for ended without success. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';
  readonly taskId: string;
  /** FAILED, DEAD_LETTER, TIMED_OUT, SKIPPED or REJECTED. */
  readonly state: TaskState;
  /** Why the last attempt failed, if one did. */
  readonly error: TaskErrorInfo | undefined;
  readonly task: TaskInfo;

  constructor(task: TaskInfo) {
    const why = task.error ? `${task.error.kind}: ${task.error.message}` : (task.reason ?? 'no reason given');
    super(`task ${task.taskId} (${task.kind}) ended ${task.state}: ${why}`);
    this.taskId = task.taskId;
    this.state = task.state;
    this.error = task.error;
    this.task = task;
  }
}

/** A task that was waited for was cancelled. */
export class TaskCancelledError extends Error {
  override readonly name = 'TaskCancelledError';
  readonly taskId: string;
  /** The canceller's words; empty if there were none. */
  readonly reason: string;
  readonly task: TaskInfo;

  constructor(task: TaskInfo) {
    super(`task ${task.taskId} (${task.kind}) was cancelled${task.reason ? `: ${task.reason}` : ''}`);
    this.taskId = task.taskId;
    this.reason = task.reason ?? '';
    this.task = task;
  }
}

/** The time given to a wait passed; the task goes on. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
  readonly taskId: string;
  readonly timeoutMs: number;

  constructor(taskId: string, timeoutMs: number) {
    super(`task ${taskId} has not ended within ${timeoutMs} ms; it goes on, wait again or cancel it`);
    this.taskId = taskId;
    this.timeoutMs = timeoutMs;
  }
}

/** The output of a task that has ended, or the error for how it ended. */
export function outputOf<O>(message: Task): O {
  const task = taskInfo(message);
  if (task.state === 'SUCCEEDED') return task.output as O;
  throw task.state === 'CANCELLED' ? new TaskCancelledError(task) : new TaskFailedError(task);
}

export function taskNotFound(taskId: string): ReeveError {
  return new ReeveError(`task ${taskId} does not exist`, {
    code: 'NOT_FOUND',
    reason: 'TASK_NOT_FOUND',
    metadata: { task_id: taskId },
  });
}
