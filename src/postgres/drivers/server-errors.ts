import pg from 'pg';
import { ReeveError, unavailable } from '../../domain/errors.js';

const RETRY_AFTER_MS = 1_000;

/** SQLSTATE classes and codes by which a server says that it is not to be had now. */
const AWAY = new Set(['08', '57P01', '57P02', '57P03', '57P05', '53300', '58']);
/** It has become a replica, or was told to write nothing. */
const READ_ONLY = '25006';
/** The disk is full; memory is. */
const FULL = new Set(['53100', '53200']);
/** The statement took longer than it may, or was cancelled by hand. */
const CANCELED = '57014';
/** What `pg` says when the connection is gone; these errors have no code. */
const GONE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded)/;
const HUNG = 'Query read timeout';

/**
 * What went wrong between us and a Postgres server, in the domain's terms: UNAVAILABLE while it is
 * away, RESOURCE_EXHAUSTED while it cannot write. Whether a statement that was under way then has
 * happened is not known. Errors of the statement itself come back as they are.
 */
export function toDomainError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ReeveError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof pg.DatabaseError) {
    if (AWAY.has(code) || AWAY.has(code.slice(0, 2)) || code === READ_ONLY) return away(error.message);
    if (code === CANCELED)
      return unavailable('STATEMENT_TIMEOUT', `the record took too long: ${error.message}`);
    if (!FULL.has(code)) return error;
    return new ReeveError('RESOURCE_EXHAUSTED', 'RECORD_FULL', `the record cannot write: ${error.message}`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  const isSystemError = 'syscall' in error || code.startsWith('E');
  return isSystemError || isHung(error) || GONE.test(error.message) ? away(error.message) : error;
}

/** Whether nobody has answered on a connection. */
export function isHung(error: unknown): boolean {
  return error instanceof Error && error.message === HUNG;
}

function away(message: string): ReeveError {
  return unavailable('RECORD_UNAVAILABLE', `the record is not to be had: ${message}`);
}
