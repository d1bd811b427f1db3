import type { AttemptOutcome, TaskResult } from '../../domain/tasks/task.js';

/** A result as statements answer it. */
export interface ResultColumns {
  readonly outcome: AttemptOutcome;
  readonly summary: string;
  readonly output_media_type: string | null;
  readonly output: Uint8Array | null;
  readonly error_kind: string | null;
  readonly error_message: string;
  readonly error_retryable: boolean;
  readonly error_detail_media_type: string | null;
  readonly error_detail: Uint8Array | null;
}

export function decodeResult(row: ResultColumns): TaskResult {
  const error = row.error_kind !== null && {
    kind: row.error_kind,
    message: row.error_message,
    retryable: row.error_retryable,
    detail: payload(row.error_detail_media_type, row.error_detail),
  };
  return {
    outcome: row.outcome,
    summary: row.summary,
    output: payload(row.output_media_type, row.output),
    error: error || null,
  };
}

function payload(mediaType: string | null, data: Uint8Array | null) {
  return mediaType === null ? null : { mediaType, data: data ?? new Uint8Array() };
}
