import type { WorkflowPlace } from '../workflows/workflow.js';
import type { Requirements } from './requirements.js';
import type { RetryPolicy } from './retry.js';
import type { TaskSource } from './source.js';
import type { TaskEventType, TaskState } from './task-state.js';
import type { Tier } from './tier.js';

/** A task that another waits for. */
export interface Dependency {
  readonly taskId: string;
  /** Whether the other runs however this one ends; else it is skipped unless this one succeeds. */
  readonly runAnyway: boolean;
}

/** What a submitter asked for. Only UpdateTask changes some of it, while the task waits. */
export interface TaskSpec {
  readonly kind: string;
  readonly tier: Tier;
  readonly source: TaskSource;
  readonly labels: Readonly<Record<string, string>>;
  readonly goal: string;
  readonly intent: string;
  readonly submitterSubjectId: string;
  /** Empty: none. */
  readonly jobSpaceId: string;
  readonly parentTaskId: string | null;
  readonly requirements: Requirements;
  readonly retry: RetryPolicy;
  /** How long one attempt may run from its acceptance, in ms. `null`: no bound. */
  readonly attemptTimeoutMs: number | null;
  /** Not before this time, ms since the epoch. `null`: at once. */
  readonly runAt: number | null;
  /** By then it has to have ended, ms since the epoch. `null`: no bound. */
  readonly deadline: number | null;
  /** Tasks that it waits for. */
  readonly dependencies: readonly Dependency[];
  /**
   * The whole spec, input included, as it came over the wire. Opaque to the core: written
   * once, passed to the agent as it is.
   */
  readonly body: Uint8Array;
}

/** A value that is carried without looking inside. */
export interface Payload {
  readonly mediaType: string;
  readonly data: Uint8Array;
}

export interface TaskError {
  readonly kind: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly detail: Payload | null;
}

export type AttemptOutcome = 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What an attempt left. */
export interface TaskResult {
  readonly outcome: AttemptOutcome;
  readonly output: Payload | null;
  readonly summary: string;
  readonly error: TaskError | null;
}

/** A task as the record holds it. Times in ms since the epoch. */
export interface Task {
  readonly org: string;
  readonly taskId: string;
  readonly state: TaskState;
  readonly tier: Tier;
  readonly score: number;
  readonly epoch: number;
  readonly series: number;
  readonly attempt: number;
  readonly deliveries: number;
  /** How often it was sent back while it ran, in this series. */
  readonly preemptions: number;
  readonly agentId: string | null;
  readonly reason: string;
  /** Tasks that it still waits for. */
  readonly pending: number;
  /** The number of its newest audit event. */
  readonly seq: number;
  readonly createTime: number;
  readonly runnableTime: number | null;
  readonly runTime: number | null;
  readonly startTime: number | null;
  readonly finishTime: number | null;
  readonly spec: TaskSpec;
  /** `null`: it is part of none. */
  readonly workflow: WorkflowPlace | null;
  /** Whether an attempt has left something for the next one. */
  readonly hasCheckpoint: boolean;
  /** The newest recorded result, of whichever attempt. */
  readonly result: (TaskResult & { readonly epoch: number; readonly createTime: number }) | null;
}

/** One entry of a task's audit trail. */
export interface TaskEvent {
  readonly taskId: string;
  /** From 1, without gaps. */
  readonly seq: number;
  readonly type: TaskEventType;
  readonly state: TaskState;
  readonly eventTime: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  readonly agentId: string | null;
  readonly actorSubjectId: string;
  readonly reason: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
