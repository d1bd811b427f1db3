import type { TaskInfo, TaskState } from '@reeve/sdk';

/** Something that can be done to many tasks. */
export interface TaskVerb {
  /** `cancel`; people are asked whether to. */
  readonly name: string;
  /** `cancelled` */
  readonly done: string;
  /** Those in which it changes anything; a filter chooses among these. */
  readonly states: readonly TaskState[];
  /** The server's reason for refusing a task that is in another. */
  readonly refusal: string;
  readonly act: (taskId: string) => Promise<TaskInfo>;
}
