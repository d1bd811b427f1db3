import type { Readable, Writable } from 'node:stream';

/** What a migration did, or would do. */
export interface MigrationReport {
  /** Where the database is, without user and password. */
  readonly database: string;
  /** The schema's version before; 0: there was none. */
  readonly before: number;
  /** The version now. */
  readonly after: number;
  /** Those that were applied or, of a plan, would be, oldest first. */
  readonly migrations: readonly {
    readonly version: number;
    readonly name: string;
    /** Older coordinators than this cannot start any more afterwards. */
    readonly minCoordinator: number;
  }[];
}

/** What `reeve doctor` has found. */
export interface DoctorFinding {
  readonly about: 'postgres' | 'redis' | 'clocks';
  /** What was looked at, for example `durability`. */
  readonly check: string;
  readonly level: 'ok' | 'note' | 'warning' | 'error';
  readonly what: string;
  /** One sentence. */
  readonly why?: string;
  /** A command, statement or setting. */
  readonly fix?: string;
}

/** Of both stores. */
export interface DoctorReport {
  /** Where they are, without user and password; null: nobody has set it. */
  readonly postgres: string | null;
  readonly redis: string | null;
  readonly findings: readonly DoctorFinding[];
}

/** Where the command writes; a terminal says so and how large it is. */
export type Output = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

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
  /** The same for one coordinator of a fleet. */
  readonly serve: (flags: Readonly<Record<string, string>>) => Promise<number>;
  /** Brings the schema of the record up to date, or with `plan` says what that would be. */
  readonly migrate: (
    flags: Readonly<Record<string, string>>,
    options: { readonly plan: boolean },
  ) => Promise<MigrationReport>;
  /** Looks at the stores of a fleet. */
  readonly doctor: (flags: Readonly<Record<string, string>>) => Promise<DoctorReport>;
  /** As Node names it, for example `linux`. */
  readonly platform: string;
  /** Of the person; throws if the system knows none. */
  readonly homeDir: () => string;
  /** Of the program. */
  readonly version: string;
  /**
   * Calls `listener` at most once, when the person presses Ctrl-C, instead of ending the
   * process; gives a function that takes it back. Not used for `dev` and `serve`, which stop by themselves.
   */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ms since the epoch. */
  readonly now: () => number;
}
