import type { RecordSnapshot } from '../support/checker-record.js';
import type { Exit } from '../support/reeve-process.js';
import type { Stores } from './stores.js';

/** One coordinator: a process that is ended and started again at the same address. */
export interface Member {
  /** `coordinator 1` and so on. */
  readonly name: string;
  /** Where it serves gRPC, `host:port`; known once it was started. */
  address(): string;
  /** Where it serves HTTP, `host:port`. */
  httpAddress(): string;
  /** Does nothing if it runs. @param failpoints its setting; default none */
  start(failpoints?: string): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<Exit | undefined>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Of the process there is; `undefined`: there is none. */
  pid(): number | undefined;
  /** Resolves when the process there is has ended, however. */
  exited(): Promise<Exit>;
  /** What that process has written to stderr so far. */
  stderr(): string;
}

/** What the harness attacks. */
export interface Target {
  /** For the log: `reeve dev`. */
  readonly name: string;
  readonly members: readonly Member[];
  /** Where its state is; `undefined`: within the process. */
  readonly stores: Stores | undefined;
  /** The record as SQL sees it; a target without stores is stopped for that. */
  readRecord(): Promise<RecordSnapshot>;
  /** Ends everything at once and removes what it kept. Safe to call twice. */
  close(): Promise<void>;
}

/** Short, so that what is lost comes to an end within a run. */
export const SHORT_TIMES = [
  ...['--lease-ttl', '4s', '--accept-timeout', '1s', '--ping-interval', '1s'],
  ...['--agent-stale-after', '10s', '--stop-grace', '2s'],
];
