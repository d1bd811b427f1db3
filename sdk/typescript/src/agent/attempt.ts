import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { Assignment, Claim, ResultReport } from '../gen/reeve/v1/claim_pb.js';
import type { Payload } from '../gen/reeve/v1/payload_pb.js';
import type { TaskSpec } from '../gen/reeve/v1/task_spec_pb.js';
import { ReeveError } from '../transport/errors.js';

/** Why an attempt is to stop. Causes that a later server adds come as they are. */
export type StopCause =
  | 'CANCELLED'
  | 'ATTEMPT_TIMED_OUT'
  | 'PREEMPTED'
  | 'LEASE_LOST'
  | 'AGENT_STOPPED'
  | (string & {});

/** What an attempt has said of how far it is. */
export interface Said {
  readonly fraction: number;
  readonly text: string;
  /** The newest it has left, with this report or before. */
  readonly checkpoint: Payload | undefined;
}

/** A try at a task that this agent holds, from its assignment to the acknowledgement of its result. */
export interface Attempt {
  readonly claim: Claim;
  readonly spec: TaskSpec;
  /** Which attempt at the task this is, from 1. */
  readonly number: number;
  readonly createTime: Timestamp | undefined;
  /** What an earlier attempt has left. */
  readonly checkpoint: Payload | undefined;
  /** What it has said last of how far it is. */
  said: Said | undefined;
  /** Why it was asked to stop, if it was. */
  stop: StopCause | undefined;
  /** What its signal is aborted with, if it was asked to stop before its result. */
  stopError: ReeveError | undefined;
  /** Made when a handler asks for its signal: no part of an attempt costs as much. */
  abort: AbortController | undefined;
  /** When the lease was confirmed last and when it runs out, on the agent's clock. */
  confirmedAt: number;
  expiresAt: number;
  /** When a renewal was sent that was not answered yet. */
  renewSentAt: number | undefined;
  /** Its result, kept until it is acknowledged. */
  report: ResultReport | undefined;
}

/** An assignment that can be run; `undefined` if the server left out what is needed for it. */
export function attemptOf(assignment: Assignment, receivedAt: number, ttlMs: number): Attempt | undefined {
  const { claim, spec, attempt, createTime, checkpoint } = assignment;
  if (!claim || !spec) return undefined;
  return {
    claim,
    spec,
    number: attempt,
    createTime,
    checkpoint,
    said: undefined,
    stop: undefined,
    stopError: undefined,
    abort: undefined,
    confirmedAt: receivedAt,
    expiresAt: receivedAt + ttlMs,
    renewSentAt: undefined,
    report: undefined,
  };
}

/** Asks the handler to stop. The first cause counts, except that a lost lease overrides all. */
export function stopAttempt(attempt: Attempt, cause: StopCause, message: string): void {
  if (attempt.stop === undefined || cause === 'LEASE_LOST') attempt.stop = cause;
  if (attempt.stopError || attempt.report) return;
  attempt.stopError = new ReeveError(message, { code: 'CANCELLED', reason: cause });
  attempt.abort?.abort(attempt.stopError);
}

/** Aborted when the attempt is to stop. */
export function signalOf(attempt: Attempt): AbortSignal {
  if (!attempt.abort) {
    attempt.abort = new AbortController();
    if (attempt.stopError) attempt.abort.abort(attempt.stopError);
  }
  return attempt.abort.signal;
}
