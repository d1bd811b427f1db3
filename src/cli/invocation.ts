import type { Client } from '@reeve/sdk';
import type { Connection } from './connection/connection.js';
import type { Asked } from './failure.js';
import type { Given } from './given.js';
import type { Printer } from './output/printer.js';
import type { World } from './world.js';

/** One run of one command. */
export interface Invocation {
  readonly given: Given;
  readonly world: World;
  /** For data. */
  readonly out: Printer;
  /** For talk: a line on standard error. */
  readonly talk: (line: string) => void;
  /** The coordinator; connected at the first call, closed when the command has ended. Not for local commands. */
  readonly client: () => Client;
  /** Where that coordinator is, and as whom it is talked to. Not for local commands. */
  readonly connection: () => Connection;
  /** For `explain`. */
  readonly asked: Asked;
  /** Aborted when the command is interrupted or out of time. */
  readonly signal: AbortSignal;
  /**
   * Says that what follows may take any time, so that `--timeout` bounds it; a call has a
   * bound of its own. The hint tells how to go on.
   */
  readonly beginWaiting: (hint: string) => void;
  /** Runs when the command has ended, however it did; the last first. */
  readonly onEnd: (cleanUp: () => void) => void;
}
