import type { TaskVersion } from './ready-index.js';

/** A task that has to have ended by a time. */
export interface Deadline extends TaskVersion {
  /** ms since the epoch. */
  readonly due: number;
}

/**
 * When to look at tasks that have to have ended by a time. It may be lost at any moment and is
 * filled again from the record. What is told of a task after something newer is ignored.
 */
export interface Deadlines {
  watch(deadlines: readonly Deadline[]): Promise<void>;
  drop(tasks: readonly TaskVersion[]): Promise<void>;
  /** Takes out up to `max` that are due. */
  takeDue(max: number): Promise<readonly TaskVersion[]>;
}
