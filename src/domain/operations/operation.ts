import { invalidArgument, ReeveError } from '../errors.js';
import type { QueuePart } from '../queues/queue-part.js';
import type { TaskFilter } from '../tasks/task-filter.js';
import { isTerminal, statesThatAllow, type TaskState } from '../tasks/task-state.js';

export const OPERATION_VERBS = ['CLEAR_QUEUE', 'CANCEL_TASKS', 'RETRY_TASKS'] as const;
export type OperationVerb = (typeof OPERATION_VERBS)[number];

export const OPERATION_STATES = ['COUNTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

/** What an operation is to do; fixed when it is accepted. */
export interface OperationOrder {
  readonly verb: OperationVerb;
  /** Only tasks that it chooses; its states are those in which the verb does anything. */
  readonly filter: TaskFilter;
  readonly dryRun: boolean;
  /** Why, for the trails of the tasks. */
  readonly reason: string;
  /** CANCEL_TASKS: how long agents have to stop, in ms. `null`: the setting's. */
  readonly graceMs: number | null;
}

/** How far an operation is. */
export interface OperationProgress {
  readonly state: OperationState;
  /** Tasks from this id on have had their turn in this round; at first the operation's own id, which is its cut-off. */
  readonly cursor: string;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  /** Of the total. */
  readonly stateCounts: Readonly<Record<string, number>>;
  /** Of the total, in a dry run, for the first 100 kinds that were met. */
  readonly kindCounts: Readonly<Record<string, number>>;
  /** With FAILED: why, for people. */
  readonly error: string;
}

/** Something that is done to many tasks, step by step. Times in ms since the epoch. */
export interface Operation extends OperationOrder, OperationProgress {
  readonly org: string;
  /** A UUIDv7: tasks with a higher id came later, and are none of its business. */
  readonly operationId: string;
  readonly actor: string;
  readonly createTime: number;
  readonly updateTime: number;
  readonly endTime: number | null;
}

export function isOver(state: OperationState): boolean {
  return state !== 'COUNTING' && state !== 'RUNNING';
}

/** The part of the queue that must not be claimed from until the operation has ended; `null`: none. */
export function heldPart({ verb, dryRun, filter }: OperationOrder): QueuePart | null {
  if (verb !== 'CLEAR_QUEUE' || dryRun) return null;
  return { tier: filter.tiers[0] ?? null, kind: filter.kinds[0] ?? null };
}

const STATES: Readonly<Record<OperationVerb, readonly TaskState[]>> = {
  CLEAR_QUEUE: ['QUEUED', 'SCHEDULED'],
  // A cancel changes nothing where one is under way.
  CANCEL_TASKS: [...statesThatAllow('CANCELLED'), ...statesThatAllow('CANCEL_REQUESTED')].filter(
    (state) => state !== 'CANCELLING' && !isTerminal(state),
  ),
  RETRY_TASKS: statesThatAllow('RETRIED'),
};

/**
 * The states that a verb is about: those asked for, or all in which it does anything.
 *
 * @param field where they are in the request
 * @throws INVALID_ARGUMENT for one in which it does nothing
 */
export function statesFor(
  verb: OperationVerb,
  asked: readonly TaskState[],
  field: string,
): readonly TaskState[] {
  const possible = STATES[verb];
  const wrong = asked.filter((state) => !possible.includes(state));
  if (wrong.length > 0) {
    const named = (states: readonly TaskState[]) => states.map((state) => `TASK_STATE_${state}`).join(', ');
    const description = `${named(wrong)}: in it nothing would be done; possible are ${named(possible)}`;
    throw invalidArgument([{ field, description }]);
  }
  return asked.length > 0 ? asked : possible;
}

export function operationNotFound(operationId: string): ReeveError {
  return new ReeveError('NOT_FOUND', 'OPERATION_NOT_FOUND', `operation ${operationId} does not exist`, {
    metadata: { operation_id: operationId },
  });
}
