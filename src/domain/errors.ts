/**
 * What can go wrong, in the domain's terms. One file of the edge turns these into status
 * codes; nothing else knows about codes.
 */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'RESOURCE_EXHAUSTED'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNAVAILABLE'
  | 'UNIMPLEMENTED';

/** One field that broke a rule. */
export interface FieldViolation {
  /** Dotted path, for example `task.labels["env"]` or `requests[3].task.kind`. */
  readonly field: string;
  readonly description: string;
}

export interface ErrorDetails {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  /** How long the caller should wait before it tries again, in ms. */
  readonly retryAfterMs?: number;
}

export class ReeveError extends Error {
  override readonly name = 'ReeveError';
  readonly code: ErrorCode;
  /** Upper case, for programs, for example `TASK_NOT_FOUND`. */
  readonly reason: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, reason: string, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export function invalidArgument(violations: readonly FieldViolation[], reason = 'INVALID_FIELD'): ReeveError {
  const [first] = violations;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const message = first ? `${first.field}: ${first.description}${more}` : 'invalid request';
  return new ReeveError('INVALID_ARGUMENT', reason, message, { violations });
}

export function taskNotFound(taskId: string): ReeveError {
  return new ReeveError('NOT_FOUND', 'TASK_NOT_FOUND', `task ${taskId} does not exist`, {
    metadata: { task_id: taskId },
  });
}

export function agentNotFound(agentId: string): ReeveError {
  return new ReeveError('NOT_FOUND', 'AGENT_NOT_FOUND', `agent ${agentId} does not exist`, {
    metadata: { agent_id: agentId },
  });
}

export function unavailable(reason: string, message: string, retryAfterMs = 1_000): ReeveError {
  return new ReeveError('UNAVAILABLE', reason, message, { retryAfterMs });
}
