import { ReeveError, unavailable } from '../../domain/errors.js';

/** What a stream keeps while the record is away: messages, and bytes of their results. */
const MAX_MESSAGES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

const BACKLOG_FULL = 'BACKLOG_FULL';

export function isBacklogFull(error: unknown): error is ReeveError {
  return error instanceof ReeveError && error.reason === BACKLOG_FULL;
}

/** Bounds what is tried again for one stream. */
export class Backlog {
  #messages = 0;
  #bytes = 0;

  /** Keeps a message while `work` lasts. @throws UNAVAILABLE (BACKLOG_FULL) beyond the bounds */
  async keep(bytes: number, work: () => Promise<void>): Promise<void> {
    if (this.#messages >= MAX_MESSAGES || this.#bytes + bytes > MAX_BYTES) {
      throw unavailable(BACKLOG_FULL, 'more waits for the record than is kept for one stream');
    }
    this.#messages += 1;
    this.#bytes += bytes;
    try {
      await work();
    } finally {
      this.#messages -= 1;
      this.#bytes -= bytes;
    }
  }
}
