import type { TaskEvent } from '../domain/tasks/task.js';
import type { TaskChange } from './task-changes.js';

/** The trails of many tasks at once. */
export interface TaskTrails {
  /**
   * The events that came with changes, at most 8 each: that of its number, and those before it which its transaction
   * wrote too. One list a change, oldest first; empty where the trail is gone.
   */
  readChanges(changes: readonly TaskChange[]): Promise<readonly (readonly TaskEvent[])[]>;
}
