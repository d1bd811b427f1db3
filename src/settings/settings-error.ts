/** A value that was given for a setting and is not accepted. */
export interface RefusedValue {
  /** The setting, for example `lease-ttl`. */
  readonly name: string;
  /** Where the value came from, as the person knows it: `--lease-ttl`, `REEVE_LEASE_TTL` or `reeve.yaml:3:12: lease-ttl`. */
  readonly origin: string;
  readonly value: string;
  /** What would have been accepted. */
  readonly accepted: string;
}

/** Anything else that is wrong, with a file or a line of it. */
export interface Fault {
  /** `reeve.yaml`, or `reeve.yaml:3:1` for line 3, column 1. */
  readonly origin: string;
  /** A sentence without its end. */
  readonly fault: string;
}

export type SettingProblem = RefusedValue | Fault;

/** Further ones are only counted: a file may be full of them. */
const MOST_TOLD = 20;
const HINT = 'See what each setting accepts: reeve settings --defaults';

/** Settings that cannot be used, all of them at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'INVALID_SETTING';
  readonly problems: readonly SettingProblem[];
  /** What to do about it. */
  readonly hint: string;

  constructor(problems: readonly SettingProblem[], hint = HINT) {
    const more = problems.length - MOST_TOLD;
    const lines = problems.slice(0, MOST_TOLD).map(told);
    super([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.problems = problems;
    this.hint = hint;
  }
}

function told(problem: SettingProblem): string {
  if ('fault' in problem) return `${problem.origin}: ${problem.fault}`;
  return `${problem.origin}: ${quoted(problem.value)} is not accepted, expected ${problem.accepted}`;
}

/** In quotes, and not at any length. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}
