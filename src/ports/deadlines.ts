import type { TaskKey } from './ready-index.js';

/**
 * When to look at tasks that have to have ended by a time. It may be lost at any moment and is
 * filled again from the record.
 */
export interface Deadlines {
  /** `due` in ms since the epoch; the newest of a task counts. */
  watch(tasks: readonly (TaskKey & { readonly due: number })[]): Promise<void>;
  drop(tasks: readonly TaskKey[]): Promise<void>;
  /** Takes out up to `max` that are due. */
  takeDue(max: number): Promise<readonly TaskKey[]>;
}
