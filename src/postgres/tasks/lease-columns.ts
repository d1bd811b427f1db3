import type { Claim, Lease } from '../../domain/tasks/lease.js';
import { decodeRetry, type RetryColumn } from './spec-columns.js';

/** What statements answer of a lease, besides whose and which it is. */
export interface LeaseColumns {
  readonly attempt: number;
  readonly deliveries: number;
  readonly retry: RetryColumn;
  readonly attempt_timeout_ms: number | null;
}

export function decodeLease({ org, taskId, epoch }: Claim, agentId: string, row: LeaseColumns): Lease {
  return {
    org,
    taskId,
    epoch,
    agentId,
    attempt: row.attempt,
    deliveries: row.deliveries,
    retry: decodeRetry(row.retry),
    attemptTimeoutMs: row.attempt_timeout_ms,
  };
}
