import { BidsSchema, ReportResultsSchema, type WorkRequest, WorkRequestSchema } from '@reeve/sdk/protocol';
import type { FieldViolation } from '../../domain/errors.js';
import type { WorkWorld } from './work-world.js';

/**
 * The constraints that a message breaks. Results and bids are checked one by one, where they are received: a bad one
 * fails its attempt, or counts for nothing, and does not end the stream.
 */
export function violationsOf(check: WorkWorld['check'], request: WorkRequest): readonly FieldViolation[] {
  const { case: kind, value } = request.message;
  if (kind === 'results') return check(ReportResultsSchema, value, kind, ['results']);
  if (kind === 'bids') return check(BidsSchema, value, kind, ['bids']);
  return check(WorkRequestSchema, request);
}
