import type { TaskState } from '../domain/tasks/task-state.js';

/** Why a change did not happen. */
export type Refusal =
  | { readonly kind: 'NOT_FOUND' }
  /** The epoch has passed, or the task is in a state that does not allow it. */
  | { readonly kind: 'REFUSED'; readonly state: TaskState; readonly epoch: number };
