import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Any, anyPack } from '@bufbuild/protobuf/wkt';
import {
  BadRequestSchema,
  Code,
  ErrorInfoSchema,
  type ItemErrorSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
  type Status,
  StatusSchema,
} from '@reeve/sdk/protocol';
import { type ErrorCode, ReeveError } from '../domain/errors.js';
import type { IdSource } from '../ports/id-source.js';
import type { Log } from '../ports/log.js';
import { durationOf } from './mapping/time.js';

export { ReeveError } from '../domain/errors.js';

/** The `domain` of every ErrorInfo. */
export const ERROR_DOMAIN = 'reeve.dev';

const CODES: Readonly<Record<ErrorCode, Code>> = {
  INVALID_ARGUMENT: Code.INVALID_ARGUMENT,
  NOT_FOUND: Code.NOT_FOUND,
  ALREADY_EXISTS: Code.ALREADY_EXISTS,
  FAILED_PRECONDITION: Code.FAILED_PRECONDITION,
  PERMISSION_DENIED: Code.PERMISSION_DENIED,
  UNAUTHENTICATED: Code.UNAUTHENTICATED,
  RESOURCE_EXHAUSTED: Code.RESOURCE_EXHAUSTED,
  ABORTED: Code.ABORTED,
  OUT_OF_RANGE: Code.OUT_OF_RANGE,
  UNAVAILABLE: Code.UNAVAILABLE,
  UNIMPLEMENTED: Code.UNIMPLEMENTED,
};

/**
 * Turns whatever a call failed with into what goes over the wire. What is not a ReeveError
 * is a defect: it is logged under a correlation id, and the caller gets that id only.
 */
export function createStatusMapper(ids: IdSource, log: Log): (error: unknown) => Status {
  return (error) => {
    if (error instanceof ReeveError) return statusOf(error);
    const correlationId = ids.uuid();
    log.error({ correlationId, err: error }, 'a call failed unexpectedly');
    return create(StatusSchema, {
      code: Code.INTERNAL,
      message: `internal error; the log tells of it under ${correlationId}`,
      details: [errorInfo('INTERNAL', { correlation_id: correlationId })],
    });
  };
}

/** The status of a ReeveError, with its details. */
export function statusOf(error: ReeveError): Status {
  const { code, reason, details } = error;
  const message = wireText(error.message);
  const packed = [errorInfo(reason, details.metadata ?? {})];
  if (details.violations && details.violations.length > 0) {
    const fieldViolations = details.violations.map(({ field, description }) => ({ field, description }));
    packed.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (code === 'RESOURCE_EXHAUSTED') {
    const violations = [{ subject: details.metadata?.subject ?? '', description: message }];
    packed.push(anyPack(QuotaFailureSchema, create(QuotaFailureSchema, { violations })));
  }
  if (details.retryAfterMs !== undefined) {
    const retryDelay = durationOf(details.retryAfterMs);
    packed.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  return create(StatusSchema, { code: CODES[code], message, details: packed });
}

/** The same as one item's outcome within a batch. */
export function itemErrorOf(error: ReeveError): MessageInitShape<typeof ItemErrorSchema> {
  return {
    code: CODES[error.code],
    reason: error.reason,
    message: wireText(error.message),
    field: error.details.violations?.[0]?.field ?? '',
    metadata: wireMap(error.details.metadata ?? {}),
    violations: (error.details.violations ?? []).slice(0, MAX_ITEM_VIOLATIONS).map((violation) => ({
      field: wireText(violation.field),
      description: wireText(violation.description),
    })),
  };
}

/** One of many items: what is wrong with it is not to fill the answer. */
const MAX_ITEM_VIOLATIONS = 20;

function wireMap(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, wireText(value)]));
}

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): Any {
  const message = create(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN, metadata: { ...metadata } });
  return anyPack(ErrorInfoSchema, message);
}

/** Messages quote what callers sent; a trailer holds neither half a character nor a book. */
function wireText(text: string): string {
  const short = text.length > 1_000 ? `${text.slice(0, 999)}…` : text;
  return short.replace(/\p{Cs}/gu, '\ufffd');
}
