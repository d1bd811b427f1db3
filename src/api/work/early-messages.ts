import { toBinary } from '@bufbuild/protobuf';
import { type WorkRequest, WorkRequestSchema } from '@reeve/sdk/protocol';
import { ReeveError } from '../../domain/errors.js';

/** Messages, and bytes of them, that a stream may send while its Hello is being answered. */
const MAX_MESSAGES = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** What an agent says between its Hello and Welcome: kept, in order, until there is an answer. */
export class EarlyMessages {
  #messages: WorkRequest[] = [];
  #bytes = 0;

  /** Keeps one. @throws INVALID_ARGUMENT (PROTOCOL_VIOLATION) beyond 1,000, or 16 MiB */
  add(message: WorkRequest): void {
    this.#bytes += toBinary(WorkRequestSchema, message).length;
    if (this.#messages.length >= MAX_MESSAGES || this.#bytes > MAX_BYTES) {
      this.drop();
      const bounds = `at most ${MAX_MESSAGES} messages and ${MAX_BYTES} bytes`;
      throw new ReeveError(
        'INVALID_ARGUMENT',
        'PROTOCOL_VIOLATION',
        `between hello and welcome an agent may send ${bounds}`,
      );
    }
    this.#messages.push(message);
  }

  /** All of them; none is kept. */
  take(): readonly WorkRequest[] {
    const messages = this.#messages;
    this.drop();
    return messages;
  }

  drop(): void {
    this.#messages = [];
    this.#bytes = 0;
  }
}
