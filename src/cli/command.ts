import type { Invocation } from './invocation.js';

/** What the shell offers for a value: fixed words, files, ids that the server knows, or names of profiles. */
export type Completion = readonly string[] | 'file' | 'profile' | Live;

/** What the server is asked for. */
export type Live = 'task' | 'approval' | 'agent' | 'operation' | 'policy' | 'parameter' | 'kind' | 'workflow';

export interface Argument {
  readonly name: string;
  readonly doc: string;
  readonly optional?: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
  /** Only one of these. */
  readonly choices?: readonly string[];
  readonly complete?: Completion;
}

export interface Option {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Name of its value, for example `ID`; without one it is a switch. */
  readonly value?: string;
  readonly doc: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** A switch that can also be said as `--no-NAME`. */
  readonly negatable?: boolean;
  /** Only these values, whatever their case. */
  readonly choices?: readonly string[];
  /** In force when it is not given; shown, not filled in. */
  readonly default?: string;
  /** Variable that is read when it is not given. */
  readonly env?: string;
  readonly complete?: Completion;
}

export interface Example {
  readonly line: string;
  readonly doc: string;
}

/** One row of the table that makes parser, help, documentation and completion. */
export interface Command {
  /** `['task', 'get']` */
  readonly path: readonly string[];
  /** One line, in the imperative, without a full stop. */
  readonly summary: string;
  /** More, in sentences. */
  readonly detail?: string;
  readonly args?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly examples: readonly Example[];
  /** Works without a server: the options of the connection do not apply. */
  readonly local?: boolean;
  /** Left out of help, documentation and completion. */
  readonly hidden?: boolean;
  /** Gives the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
}
