import type { BulkOptions, OperationInfo, TaskFilter, TaskInfo, TaskState } from '@reeve/sdk';

/** Something that can be done to many tasks. */
export interface TaskVerb {
  /** `cancel`; people are asked whether to. */
  readonly name: string;
  /** `cancelled` */
  readonly done: string;
  /** Those in which it changes anything; a filter chooses among these. */
  readonly states: readonly TaskState[];
  /** Does it to a task that was named. */
  readonly act: (taskId: string) => Promise<TaskInfo>;
  /** Begins it, or only a count, for tasks that a filter chooses. */
  readonly begin: (filter: TaskFilter, options: BulkOptions) => Promise<OperationInfo>;
}
