import { ReeveError } from '../../domain/errors.js';
import { isBacklogFull } from './backlog.js';

/** What a message has come to after which its stream is over: it cannot be as it is, or more waits than is kept. */
export function endsStream(error: unknown): error is ReeveError {
  return isBacklogFull(error) || (error instanceof ReeveError && error.code === 'INVALID_ARGUMENT');
}
