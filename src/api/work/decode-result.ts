import { create, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { Outcome, type Payload, type ResultReport, TaskErrorSchema } from '@reeve/sdk/protocol';
import type { AttemptOutcome, Payload as DomainPayload, TaskResult } from '../../domain/tasks/task.js';

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

  const output = decodePayload(report.result.output);
  const error = outcome === 'SUCCEEDED' ? null : (report.result.error ?? create(TaskErrorSchema));
  const detail = decodePayload(error?.detail);
  const size = (output?.data.length ?? 0) + (detail?.data.length ?? 0);
  if (size > maxPayloadBytes) {
    return refuse('PAYLOAD_TOO_LARGE', `the result has ${size} bytes; the limit is ${maxPayloadBytes}`);
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

function refuse(kind: string, message: string): { result: TaskResult; refused: string } {
  const error = { kind, message, retryable: false, detail: null };
  return { refused: message, result: { outcome: 'FAILED', output: null, summary: '', error } };
}

function decodePayload(payload: Payload | undefined): DomainPayload | null {
  if (payload === undefined) return null;
  const { mediaType, content } = payload;
  if (content.case === undefined) return { mediaType, data: new Uint8Array() };
  if (content.case === 'data') return { mediaType, data: content.value };
  const text = JSON.stringify(toJson(ValueSchema, content.value));
  return { mediaType: mediaType || 'application/json', data: new TextEncoder().encode(text) };
}
