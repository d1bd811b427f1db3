import { ReeveError } from './errors.js';

/** Whether the record does not answer; whether what was under way has happened is not known. */
export function isRecordAway(error: unknown): boolean {
  return error instanceof ReeveError && error.reason === 'RECORD_UNAVAILABLE';
}

/** Whether the record answers, and has no room to write. */
export function isRecordFull(error: unknown): boolean {
  return error instanceof ReeveError && error.reason === 'RECORD_FULL';
}

/** Whether the same may succeed later, since nothing is wrong with what was asked. */
export function mayPass(error: unknown): boolean {
  return error instanceof ReeveError && (error.code === 'UNAVAILABLE' || isRecordFull(error));
}
