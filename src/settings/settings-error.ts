/** A value that was given for a setting and is not accepted. */
export interface SettingProblem {
  /** The setting, for example `lease-ttl`. */
  readonly name: string;
  /** Where the value came from, as the person knows it: `--lease-ttl` or `REEVE_LEASE_TTL`. */
  readonly origin: string;
  readonly value: string;
  /** What would have been accepted. */
  readonly accepted: string;
}

/** Settings that cannot be used, all of them at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'INVALID_SETTING';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(
      problems
        .map((p) => `${p.origin}: ${quote(p.value)} is not accepted, expected ${p.accepted}`)
        .join('\n'),
    );
    this.problems = problems;
  }
}

function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}
