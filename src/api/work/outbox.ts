import type { WorkResponse } from '@reeve/sdk/protocol';

/** Control messages that may wait for a slow reader before its stream is ended. */
const MAX_CONTROL = 1_000;
/** Assignment messages that may wait; further assignments are not taken. */
const MAX_ASSIGNMENTS = 16;

/**
 * What waits to be written to one stream. While the reader keeps up nothing waits; when it
 * is behind, control messages wait ahead of assignments, and both have a bound, since the
 * transport underneath has none.
 */
export class Outbox {
  readonly #write: (message: WorkResponse) => boolean;
  readonly #onOverflow: () => void;
  /** How many messages were written to the transport. */
  sent = 0;
  #writable = true;
  #control: WorkResponse[] = [];
  #assignments: WorkResponse[] = [];

  constructor(write: (message: WorkResponse) => boolean, onOverflow: () => void) {
    this.#write = write;
    this.#onOverflow = onOverflow;
  }

  /** Whether assignments may be sent: the reader is not far behind. */
  get takesAssignments(): boolean {
    return this.#assignments.length < MAX_ASSIGNMENTS;
  }

  /** Whether the reader keeps up, so that what is sent now does not wait. */
  get keepsUp(): boolean {
    return this.#writable;
  }

  send(message: WorkResponse): void {
    if (this.#writable) {
      this.#pass(message);
      return;
    }
    const waiting = message.message.case === 'assignments' ? this.#assignments : this.#control;
    waiting.push(message);
    if (this.#control.length > MAX_CONTROL) this.#onOverflow();
  }

  drained(): void {
    this.#writable = true;
    while (this.#writable) {
      const next = this.#control.shift() ?? this.#assignments.shift();
      if (next === undefined) return;
      this.#pass(next);
    }
  }

  #pass(message: WorkResponse): void {
    this.sent += 1;
    this.#writable = this.#write(message);
  }
}
