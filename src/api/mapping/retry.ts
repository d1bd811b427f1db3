import { create } from '@bufbuild/protobuf';
import { type RetryPolicy, RetryPolicySchema } from '@reeve/sdk/protocol';
import { invalidArgument } from '../../domain/errors.js';
import type { RetryPolicy as DomainRetry } from '../../domain/tasks/retry.js';
import { durationOf, msOf } from './time.js';

/**
 * What is not said is as in `defaults`; a bound that was not given makes room for the other one that was.
 *
 * @param path of what it is a field of, for errors
 * @throws INVALID_ARGUMENT for bounds that leave nothing between them
 */
export function toDomainRetry(
  retry: RetryPolicy | undefined,
  defaults: DomainRetry,
  path: string,
): DomainRetry {
  if (!retry) return defaults;
  const initial = msOf(retry.initialBackoff);
  const max = msOf(retry.maxBackoff);
  if (initial !== null && max !== null && initial > max) {
    const description = 'must be at least initial_backoff';
    throw invalidArgument([{ field: `${path}.retry.max_backoff`, description }]);
  }
  return {
    maxAttempts: retry.maxAttempts || defaults.maxAttempts,
    initialBackoffMs: initial ?? Math.min(defaults.initialBackoffMs, max ?? Number.POSITIVE_INFINITY),
    maxBackoffMs: max ?? Math.max(defaults.maxBackoffMs, initial ?? 0),
    backoffMultiplier: retry.backoffMultiplier || defaults.backoffMultiplier,
    ...(retry.delays.length > 0 && { delaysMs: retry.delays.map((delay) => msOf(delay) ?? 0) }),
  };
}

export function toProtoRetry(retry: DomainRetry): RetryPolicy {
  return create(RetryPolicySchema, {
    maxAttempts: retry.maxAttempts,
    initialBackoff: durationOf(retry.initialBackoffMs),
    maxBackoff: durationOf(retry.maxBackoffMs),
    backoffMultiplier: retry.backoffMultiplier,
    delays: (retry.delaysMs ?? []).map(durationOf),
  });
}
