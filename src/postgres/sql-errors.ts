/** SQLSTATE classes of errors that lie in the values: data exception, constraint, program limit. */
const DATA_CLASSES = new Set(['22', '23', '54']);

/**
 * Errors that another transaction caused and that are gone on a repeat: serialization
 * failure, deadlock, and a key that somebody else committed first.
 */
const CONFLICTS = new Set(['40001', '40P01', '23505']);

/** Whether a row of the statement is at fault, not the store. */
export function isDataError(error: unknown): error is Error {
  return DATA_CLASSES.has(sqlState(error).slice(0, 2));
}

export function isPassingConflict(error: unknown): boolean {
  return CONFLICTS.has(sqlState(error));
}

function sqlState(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
