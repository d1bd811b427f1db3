import { sourceName, type TaskSource, type Tier, tierName } from '../names.js';
import { decodeLeniently } from '../payload.js';
import {
  briefInfo,
  dateOf,
  itemInfo,
  type TaskBriefInfo,
  type TaskItemInfo,
  type WorkflowPlaceInfo,
  workflowPlaceInfo,
} from '../views.js';
import { type Attempt, signalOf } from './attempt.js';
import { type Logger, withFields } from './log.js';

/** What of a task a handler may want to know besides its input. */
export interface HandlerTask {
  readonly labels: Readonly<Record<string, string>>;
  /** Empty if none was given; so are `intent` and `parentTaskId`. */
  readonly goal: string;
  readonly intent: string;
  readonly source: TaskSource;
  readonly tier: Tier;
  readonly createTime: Date;
  readonly parentTaskId: string;
  /** What it is about, in words, if it was said. */
  readonly brief: TaskBriefInfo | undefined;
  /** What it was made from, if it is one of an expansion. */
  readonly item: TaskItemInfo | undefined;
}

/** What comes along with a report of progress. */
export interface ProgressOptions {
  /**
   * Any JSON value, of at most 64 KiB as it is written, which it is at the call. The newest is kept in the
   * record, through failures, preemptions and restarts, until the task is dropped. `undefined`: the one
   * before stays.
   */
  readonly checkpoint?: unknown;
}

/** What a handler gets along with its input. */
export interface HandlerContext {
  readonly taskId: string;
  readonly kind: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** The fencing number of the claim: of two attempts at a task the later has the greater. */
  readonly epoch: number;
  readonly task: HandlerTask;
  /** Which part of a workflow the task is; `undefined` if of none. What it was expanded from is `task.item`. */
  readonly workflow: WorkflowPlaceInfo | undefined;
  /**
   * Tells how far the attempt is. Call it as often as you like: the newest is sent, at most
   * once a second. Nothing is kept of it beyond the coordinator's memory, but for a checkpoint.
   *
   * @param fraction - from 0 to 1
   * @param text - what is being done, at most 1,000 characters
   * @param options - `checkpoint`: what the next attempt goes on from, should this one not succeed
   * @throws TaskError (PAYLOAD_TOO_LARGE, INVALID_CHECKPOINT) if the checkpoint cannot be kept
   */
  progress(fraction: number, text?: string, options?: ProgressOptions): void;
  /**
   * What an earlier attempt has left with `progress`: JSON parsed, anything else as bytes. `undefined`:
   * none has.
   */
  readonly checkpoint: unknown;
  /** The agent's log, with `taskId`, `kind` and `attempt` on every message. */
  readonly log: Logger;
  /**
   * Aborted when the attempt is to stop: its task was cancelled, it took longer than it may,
   * a person waits for its slot, its lease was lost, or the agent stops. The reason is a `ReeveError`
   * whose `reason` says which: CANCELLED, ATTEMPT_TIMED_OUT, PREEMPTED, LEASE_LOST, AGENT_STOPPED.
   */
  readonly signal: AbortSignal;
}

/** Does the work of one kind of task. What it returns is the output, what it throws the failure. */
export type Handler<I = unknown, O = unknown> = (input: I, ctx: HandlerContext) => O | Promise<O>;

export function createContext(
  attempt: Attempt,
  log: Logger,
  progress: HandlerContext['progress'],
): HandlerContext {
  const { claim, spec, number, createTime } = attempt;
  const { taskId } = claim;
  return {
    taskId,
    kind: spec.kind,
    attempt: number,
    epoch: Number(claim.epoch),
    task: {
      labels: { ...spec.labels },
      goal: spec.goal,
      intent: spec.intent,
      source: sourceName(spec.source),
      tier: tierName(spec.tier),
      createTime: dateOf(createTime),
      parentTaskId: spec.parentTaskId,
      brief: spec.brief && briefInfo(spec.brief),
      get item() {
        return spec.item && itemInfo(spec.item);
      },
    },
    workflow: spec.workflow && workflowPlaceInfo(spec.workflow),
    progress,
    get checkpoint() {
      return decodeLeniently(attempt.checkpoint);
    },
    log: withFields(log, { taskId, kind: spec.kind, attempt: number }),
    get signal() {
      return signalOf(attempt);
    },
  };
}
