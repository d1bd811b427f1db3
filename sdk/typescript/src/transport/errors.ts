import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { anyUnpack, durationMs } from '@bufbuild/protobuf/wkt';
import { status as Code, type StatusObject } from '@grpc/grpc-js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '../gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '../gen/google/rpc/status_pb.js';
import type { ItemError } from '../gen/reeve/v1/task_submission_pb.js';

/** One field of a request that broke a rule. */
export interface FieldViolation {
  /** Dotted path, for example `task.labels["env"]`. */
  readonly field: string;
  readonly description: string;
}

/** What a {@link ReeveError} is made of besides its message. */
export interface ReeveErrorInit {
  readonly code: string;
  readonly reason?: string;
  readonly violations?: readonly FieldViolation[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** In ms. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call failed: the coordinator refused it, or could not be reached. */
export class ReeveError extends Error {
  override readonly name: string = 'ReeveError';
  /** The gRPC code by name, for example `NOT_FOUND`. */
  readonly code: string;
  /** Why, for programs, for example `TASK_NOT_FOUND`; `UNREACHABLE`, `BROKEN_OFF` or `NO_ANSWER` when no coordinator answered. */
  readonly reason: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The fields that broke a rule; empty unless `code` is `INVALID_ARGUMENT`. */
  readonly violations: readonly FieldViolation[];
  /** What the server says besides, by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How long the server asks to wait before the next try, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, init: ReeveErrorInit) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason ?? init.code;
    this.retryable = init.code === 'UNAVAILABLE';
    this.violations = init.violations ?? [];
    this.metadata = init.metadata ?? {};
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** The reason of an error that no coordinator had a part in. */
export const UNREACHABLE = 'UNREACHABLE';
/** The reason when an answer had begun, or might have. */
const BROKEN_OFF = 'BROKEN_OFF';
/** The reason when one try has had its time, and the call has more. */
export const NO_ANSWER = 'NO_ANSWER';

/** Turns what grpc-js reports into what callers get. Total: malformed details are left out. */
export function fromStatus(status: Pick<StatusObject, 'code' | 'details' | 'metadata'>, address: string) {
  const code = codeName(status.code);
  const details = readDetails(status);
  const info = details.one(ErrorInfoSchema);
  if (info === undefined && status.code === Code.UNAVAILABLE) {
    return LATE.test(status.details) ? noAnswer(address) : unreachable(address, status.details);
  }
  if (info === undefined && isBrokenOff(status)) return brokenOff(address, status.details);
  const retryDelay = details.one(RetryInfoSchema)?.retryDelay;
  return new ReeveError(status.details || code, {
    code,
    ...(info && { reason: info.reason, metadata: info.metadata }),
    violations: (details.one(BadRequestSchema)?.fieldViolations ?? []).map(({ field, description }) => ({
      field,
      description,
    })),
    ...(retryDelay && { retryAfterMs: durationMs(retryDelay) }),
  });
}

/** Where in a batch an item was; the caller, who submitted a single task, knows nothing of it. */
const PLACE_IN_BATCH = /^requests\[\d+\]\./;

/** The error of one item of a batch, as the single call would have failed. */
export function fromItemError(item: ItemError): ReeveError {
  const message = item.message.replace(PLACE_IN_BATCH, '');
  const field = item.field.replace(PLACE_IN_BATCH, '');
  return new ReeveError(message, {
    code: codeName(item.code),
    ...(item.reason && { reason: item.reason }),
    metadata: item.metadata,
    violations: violationsOf(item, field, message),
  });
}

/** A coordinator of an earlier version tells of the first only. */
function violationsOf({ violations }: ItemError, field: string, message: string): FieldViolation[] {
  if (violations.length > 0) {
    return violations.map((each) => ({
      field: each.field.replace(PLACE_IN_BATCH, ''),
      description: each.description,
    }));
  }
  return field ? [{ field, description: message.replace(`${field}: `, '') }] : [];
}

export function unreachable(address: string, details: string): ReeveError {
  const cause = /\bLast error: (?:Error: )?(.+?)\. Resolution note/.exec(details)?.[1] ?? details;
  return new ReeveError(
    `no coordinator answers at ${address} (${cause}). Start one with \`reeve dev\`, ` +
      'or name another with the option `address` or the variable REEVE_ADDRESS.',
    { code: 'UNAVAILABLE', reason: UNREACHABLE, metadata: { address } },
  );
}

/** A balancer whose coordinator is gone in the middle of an answer resets the stream, which gRPC calls INTERNAL. */
function isBrokenOff({ code, details }: Pick<StatusObject, 'code' | 'details'>): boolean {
  return code === Code.INTERNAL && details.startsWith('Received RST_STREAM with code 2');
}

function brokenOff(address: string, details: string): ReeveError {
  return new ReeveError(`the answer of the coordinator at ${address} was broken off (${details})`, {
    code: 'UNAVAILABLE',
    reason: BROKEN_OFF,
    metadata: { address },
  });
}

/** What grpc-js says when a balancer was not answered in time. */
const LATE = /HTTP status code 504/;

/** No answer within the time that one try has, or that a balancer gives it. */
export function noAnswer(address: string): ReeveError {
  return new ReeveError(`the coordinator behind ${address} has not answered in time`, {
    code: 'UNAVAILABLE',
    reason: NO_ANSWER,
    metadata: { address },
  });
}

export function clientClosed(): ReeveError {
  return new ReeveError('the client was closed', { code: 'CANCELLED', reason: CLIENT_CLOSED });
}

/** Whether it is what calls of a closed client fail with. */
export function isClientClosed(error: ReeveError): boolean {
  return error.reason === CLIENT_CLOSED;
}

const CLIENT_CLOSED = 'CLIENT_CLOSED';
const FINAL_CODES = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'UNIMPLEMENTED',
  'OUT_OF_RANGE',
]);

/** Whether opening a broken stream anew would end in the same way. */
export function isFinal(error: ReeveError): boolean {
  return FINAL_CODES.has(error.code) || isClientClosed(error);
}

function codeName(code: number): string {
  return Code[code] ?? 'UNKNOWN';
}

function readDetails(status: Pick<StatusObject, 'metadata'>) {
  let all: Any[] = [];
  const [bytes] = status.metadata.get('grpc-status-details-bin');
  if (bytes !== undefined && typeof bytes !== 'string') {
    try {
      all = fromBinary(StatusSchema, bytes).details;
    } catch {
      all = [];
    }
  }
  return {
    one<D extends DescMessage>(schema: D): MessageShape<D> | undefined {
      for (const any of all) {
        try {
          const message = anyUnpack(any, schema);
          if (message) return message;
        } catch {}
      }
      return undefined;
    },
  };
}
