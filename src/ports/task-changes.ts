import type { TaskState } from '../domain/tasks/task-state.js';

/** That a task changed; published after the change is committed. */
export interface TaskChange {
  readonly org: string;
  readonly taskId: string;
  /** The number of its newest audit event. */
  readonly seq: number;
  readonly state: TaskState;
}

/** Tells watchers of changes. */
export interface TaskChanges {
  publish(changes: readonly TaskChange[]): void;
}
