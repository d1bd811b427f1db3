import { ReeveError } from '../../domain/errors.js';

/** Why Work streams end. */

export function slowReader(): ReeveError {
  return new ReeveError('RESOURCE_EXHAUSTED', 'SLOW_READER', 'the agent does not read its stream');
}

/** @param got what came instead */
export function helloFirst(got: string): ReeveError {
  return new ReeveError('INVALID_ARGUMENT', 'PROTOCOL_VIOLATION', `hello must come first, not ${got}`);
}

export function helloOnce(): ReeveError {
  return new ReeveError('INVALID_ARGUMENT', 'PROTOCOL_VIOLATION', 'hello must come only once');
}

/** Of a greeting that failed for whatever reason. */
export function greetingFailed(error: unknown): ReeveError {
  if (error instanceof ReeveError) return error;
  const options = { retryAfterMs: 1_000 };
  return new ReeveError('UNAVAILABLE', 'RECORD_UNAVAILABLE', 'the record did not answer', options);
}
