import type { Readable, Writable } from 'node:stream';

/** Where the command writes; a terminal says so and how wide it is. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything the command gets from outside itself. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly setRawMode?: (isRaw: boolean) => unknown };
  /** For data. */
  readonly stdout: Output;
  /** For talk and errors. */
  readonly stderr: Output;
  /**
   * Runs the embedded coordinator until it is told to stop and gives the exit code. The
   * flags are raw, by the name of the setting (`lease-ttl`; `settings` is the file of
   * settings), only those that were given; a
   * `SettingsError` it throws is shown as a usage error.
   */
  readonly dev: (flags: Readonly<Record<string, string>>) => Promise<number>;
  /** As Node names it, for example `linux`. */
  readonly platform: string;
  /** Of the person; throws if the system knows none. */
  readonly homeDir: () => string;
  /** Of the program. */
  readonly version: string;
  /**
   * Calls `listener` at most once, when the person presses Ctrl-C, instead of ending the
   * process; gives a function that takes it back. Not used for `dev`, which stops by itself.
   */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ms since the epoch. */
  readonly now: () => number;
}
