import type { WorkRequest, WorkResponse } from '@reeve/sdk/protocol';
import type { Principal } from '../../domain/access/principal.js';
import type { ReeveError } from '../../domain/errors.js';

/** What a carrier offers a session: one agent's Work stream. */
export interface WorkStream {
  /** Who opened it. */
  readonly principal: Principal;
  /** Hands a message to the transport. False: the reader is behind, wait for `drained`. */
  send(message: WorkResponse): boolean;
  /** Ends the stream in order. */
  end(): void;
  /** Ends the stream with an error. */
  fail(error: ReeveError): void;
}

/** What a session offers the carrier. No method throws. */
export interface WorkSession {
  receive(message: WorkRequest): void;
  /** The transport takes messages again. */
  drained(): void;
  /** The agent has ended its side. */
  ended(): void;
  /** The stream is gone, for whatever reason. */
  closed(): void;
}

export type OpenWork = (stream: WorkStream) => WorkSession;
