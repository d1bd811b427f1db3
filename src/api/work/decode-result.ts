import { create } from '@bufbuild/protobuf';
import { Outcome, type Payload, type ResultReport, TaskErrorSchema } from '@reeve/sdk/protocol';
import { ReeveError } from '../../domain/errors.js';
import type { AttemptOutcome, Payload as DomainPayload, TaskResult } from '../../domain/tasks/task.js';
import { payloadTooLarge, toDomainPayload } from '../mapping/payload.js';

const OUTCOMES: Partial<Record<Outcome, AttemptOutcome>> = {
  [Outcome.SUCCEEDED]: 'SUCCEEDED',
  [Outcome.FAILED]: 'FAILED',
  [Outcome.CANCELLED]: 'CANCELLED',
};

/**
 * A reported result as the core takes it. `refused` says why it could not be taken as it
 * was: `result` is then the failure that is recorded in its place, never to be retried.
 */
export function decodeResult(
  report: ResultReport,
  maxPayloadBytes: number,
  violation: string | null,
): { readonly result: TaskResult; readonly refused: string | null } {
  if (violation !== null) return refuse('INVALID_RESULT', violation);
  const outcome = OUTCOMES[report.result?.outcome ?? Outcome.UNSPECIFIED];
  if (!report.result || !outcome) return refuse('INVALID_RESULT', 'result.outcome: is required');

  const error = outcome === 'SUCCEEDED' ? null : (report.result.error ?? create(TaskErrorSchema));
  let output: DomainPayload | null;
  let detail: DomainPayload | null;
  try {
    output = decodePayload(report.result.output, 'result.output', maxPayloadBytes);
    detail = decodePayload(error?.detail, 'result.error.detail', maxPayloadBytes);
    const size = (output?.data.length ?? 0) + (detail?.data.length ?? 0);
    if (size > maxPayloadBytes) throw payloadTooLarge('result', size, maxPayloadBytes);
  } catch (why) {
    if (!(why instanceof ReeveError)) throw why;
    return refuse(why.reason, why.message);
  }
  const { summary } = report.result;
  return {
    refused: null,
    result: {
      outcome,
      output,
      summary,
      error: error && { kind: error.kind, message: error.message, retryable: error.retryable, detail },
    },
  };
}

function decodePayload(payload: Payload | undefined, path: string, maxBytes: number): DomainPayload | null {
  return payload === undefined ? null : toDomainPayload(payload, path, maxBytes);
}

function refuse(kind: string, message: string): { result: TaskResult; refused: string } {
  const error = { kind, message, retryable: false, detail: null };
  return { refused: message, result: { outcome: 'FAILED', output: null, summary: '', error } };
}
